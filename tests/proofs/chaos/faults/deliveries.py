"""Deliver old records again in another order, and send poison with the keys of current checkouts."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from contracts.topology import PARTITIONS
from kernel.messaging.clients import KafkaConsumer, KafkaProducer
from kernel.messaging.undecodable import Undecodable, fetch_one_by_one
from tests.proofs.chaos.faults.world import BACK_WITHIN, LOOK_EVERY, Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind
from tests.support.kafka_records import Sent
from tests.support.raw_batches import send_with_header_name

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"

MOST = 60
"""Records at a time."""
POISONS = 3
FOUND_WITHIN = 60.0
"""Seconds: topics that have just been emptied fill again."""
MARK = "x-poison"


async def deliver_again(bootstrap: str, topic: str, chance: random.Random) -> Effect:
    """Send old records again with the same key, body, headers and time, in another order."""
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            with suppress(KafkaError, OSError):
                old = await _some(bootstrap, topic, chance)
                chance.shuffle(old)
                return {"records_again": await _send_again(bootstrap, old)}
            await asyncio.sleep(LOOK_EVERY)


async def poison(bootstrap: str, topic: str, chance: random.Random) -> Effect:
    """Send records that cannot be handled, each with the key of a recent record."""
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            with suppress(KafkaError, OSError):
                newest = await _some(bootstrap, topic, chance, newest=True)
                models = chance.choices(newest, k=POISONS)
                await _send_poison(bootstrap, models, chance)
                return {"poison_sent": len(models)}
            await asyncio.sleep(LOOK_EVERY)


async def _some(bootstrap: str, topic: str, chance: random.Random, *, newest: bool = False) -> list[Record]:
    """Records from a random position of a random partition, or from its end; without poison."""
    async with KafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, request_timeout_ms=5000
    ) as consumer:
        deadline = time.monotonic() + FOUND_WITHIN
        while time.monotonic() < deadline:
            where = TopicPartition(topic, chance.randrange(PARTITIONS))
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            begin = max(0, end - MOST) if newest else chance.randrange(max(1, end))
            read = await fetch_one_by_one(consumer, where, begin, end, MOST)
            if found := [it for it in read if it.key and it.value and not _is_poison(it)]:
                return found
            await asyncio.sleep(LOOK_EVERY)
    raise NoEffect(f"{topic} is empty")


def _is_poison(record: Record) -> bool:
    return isinstance(record, Undecodable) or any(name == MARK for name, _ in record.headers)


async def poison_in(bootstrap: str, topics: Sequence[str]) -> int:
    """How many poison records the topics hold now; emptying Kafka removes them, too."""
    found: list[Record] = []
    async with KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as consumer:
        for where in [TopicPartition(it, part) for it in topics for part in range(PARTITIONS)]:
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            found += await _all_of(consumer, where, end)
    return sum(map(_is_poison, found))


async def _all_of(consumer: KafkaConsumer, where: TopicPartition, end: int) -> list[Record]:
    """All records of a partition up to ``end``, however slowly they arrive."""
    found: list[Record] = []
    at = 0
    async with asyncio.timeout(BACK_WITHIN):
        while at < end:
            found += await fetch_one_by_one(consumer, where, at, end, end)
            at = await consumer.position(where)
    return found


async def _send_again(bootstrap: str, records: Sequence[Record]) -> int:
    async with KafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=5000) as producer:
        for it in records:
            await producer.send_and_wait(
                *(it.topic, it.value, it.key),
                partition=it.partition,
                timestamp_ms=it.timestamp,
                headers=list(it.headers),
            )
    return len(records)


async def _send_poison(bootstrap: str, models: Sequence[Record], chance: random.Random) -> None:
    async with KafkaProducer(bootstrap_servers=bootstrap, request_timeout_ms=5000) as producer:
        for it in models[1:]:
            ways = _SPOILING if it.topic.endswith(".commands") else _UNREADABLE
            spoilt = chance.choice(ways)(_strange(it, chance))
            await producer.send_and_wait(
                spoilt.topic, spoilt.value, spoilt.key, partition=it.partition, headers=list(spoilt.headers)
            )
    # one that the Kafka client cannot decode
    await send_with_header_name(bootstrap, models[0].partition, b"\xff\xfe", _strange(models[0], chance))


def _strange(it: Record, chance: random.Random) -> Sent:
    """A copy under another id and source, so that ``feira verify`` can tell it from the services' own."""
    sent = Sent(it.topic, it.key, it.value, tuple(it.headers))
    own = str(uuid.UUID(int=chance.getrandbits(128), version=4)).encode()
    return sent.with_header("ce_id", own).with_header("ce_source", b"/feira/stranger").with_header(MARK, b"1")


def _cut(it: Sent) -> Sent:
    return replace(it, value=(it.value or b"")[:-1])


def _no_object(it: Sent) -> Sent:
    return replace(it, value=b"[]")


def _no_body(it: Sent) -> Sent:
    return replace(it, value=None)


def _no_number(it: Sent) -> Sent:
    return replace(it, value=(it.value or b"")[:-1] + b',"more":NaN}')


def _unknown_field(it: Sent) -> Sent:
    return replace(it, value=(it.value or b"")[:-1] + b',"more":1}')


def _no_type(it: Sent) -> Sent:
    return it.without_header("ce_type")


def _from_the_future(it: Sent) -> Sent:
    kind = dict(it.headers)["ce_type"] or b""
    return it.with_header("ce_dataschema", b"urn:feira:%s:99" % kind)


def _no_time(it: Sent) -> Sent:
    return it.with_header("ce_recordedtime", b"yesterday")


def _no_version(it: Sent) -> Sent:
    return it.with_header("ce_version", b"-1")


Ways: TypeAlias = "Sequence[Callable[[Sent], Sent]]"
_UNREADABLE: Ways = (_no_type, _no_time, _no_version)
"""For facts only these: a readable fact with a valid envelope would be believed; it is forged, not poison."""
_SPOILING: Ways = (
    *_UNREADABLE,
    *(_cut, _no_object, _no_body, _no_number, _unknown_field, _from_the_future),
)


async def _deliver_again(world: World, target: str, chance: random.Random) -> Effect:
    return await deliver_again(world.stack.addresses.kafka, target, chance)


async def _poison(world: World, target: str, chance: random.Random) -> Effect:
    return await poison(world.stack.addresses.kafka, target, chance)


ACTS: Mapping[Kind, Act] = {Kind.AGAIN: _deliver_again, Kind.POISON: _poison}
