"""Records on Kafka, read and written by the published description alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from aiokafka import ConsumerRecord, TopicPartition

from kernel.messaging.clients import KafkaConsumer, KafkaProducer
from kernel.messaging.connection import KafkaConnection

RECORDED = "2026-03-01T12:00:00.000000Z"

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


@dataclass(frozen=True)
class Sent:
    """A record to be sent; a header that is None is left out."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    def with_header(self, name: str, value: bytes) -> Sent:
        return replace(self.without_header(name), headers=(*self.without_header(name).headers, (name, value)))

    def without_header(self, name: str) -> Sent:
        return replace(self, headers=tuple(it for it in self.headers if it[0] != name))

    def with_second_header(self, name: str, value: bytes) -> Sent:
        return replace(self, headers=(*self.headers, (name, value)))


def received_stock(
    shelf_id: UUID, version: int, quantity: int = 1, *, generation: int = 1, tenant: str = "demo"
) -> Sent:
    """The fact ``stock.received``."""
    body = f'{{"product_id":"{shelf_id}","quantity":{quantity}}}'
    sent = _message("offer.events", "stock.received", shelf_id, body, generation, tenant)
    return sent.with_header("ce_version", str(version).encode())


def unlock_cart(cart_id: UUID) -> Sent:
    """The command ``cart.unlock``."""
    body = f'{{"checkout_id":"{uuid4()}","step":"lock_cart","cart_id":"{cart_id}","reason":"a test"}}'
    return _message("cart.commands", "cart.unlock", cart_id, body, 1, "demo")


def _message(topic: str, kind: str, key: UUID, body: str, generation: int, tenant: str) -> Sent:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid4()),
        "ce_source": "/feira/offer",
        "ce_type": kind,
        "ce_subject": str(key),
        "ce_time": RECORDED,
        "ce_dataschema": f"urn:feira:{kind}:1",
        "content-type": "application/json",
        "ce_recordedtime": RECORDED,
        "ce_tenant": tenant,
        "ce_correlationid": "correlation",
        "ce_causationid": "cause",
        "feira_generation": str(generation),
    }
    encoded = tuple((name, value.encode()) for name, value in headers.items())
    return Sent(topic, str(key).encode(), body.encode(), encoded)


async def send(kafka: str | KafkaConnection, *records: Sent) -> None:
    """Send the records one after the other, in the order of the arguments."""
    connection = KafkaConnection(kafka) if isinstance(kafka, str) else kafka
    async with KafkaProducer(max_request_size=8_000_000, **connection.client_options()) as producer:
        for it in records:
            await producer.send_and_wait(it.topic, it.value, key=it.key, headers=list(it.headers))


def as_consumed(sent: Sent) -> ConsumerRecord[bytes | None, bytes | None]:
    """The record as a consumer would get it, without a broker."""
    where: dict[str, Any] = {"topic": sent.topic, "partition": 0, "offset": 0, "timestamp": -1}
    sizes = {"serialized_key_size": 0, "serialized_value_size": 0, "timestamp_type": 0, "checksum": None}
    return ConsumerRecord(**where, **sizes, key=sent.key, value=sent.value, headers=sent.headers)


def headers_of(record: Record) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


@dataclass
class Tap:
    """All records of some topics since it was opened."""

    records: list[Record] = field(default_factory=list)

    def of(self, keys: Iterable[UUID]) -> list[Record]:
        wanted = {str(it).encode() for it in keys}
        return [it for it in self.records if it.key in wanted]

    def ids(self) -> list[str]:
        """Message ids, of the records that have one."""
        ids = [dict(it.headers).get("ce_id") for it in self.records]
        return [it.decode() for it in ids if it is not None]

    def versions(self, key: UUID) -> list[int]:
        return [int(headers_of(it)["ce_version"]) for it in self.of([key])]


@asynccontextmanager
async def tapped(bootstrap: str, *topics: str, from_beginning: bool = False) -> AsyncIterator[Tap]:
    """Follow all partitions of these topics until the end of the block."""
    tap = Tap()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=20)
    await consumer.start()
    partitions = [TopicPartition(topic, it) for topic in topics for it in range(6)]
    consumer.assign(partitions)
    if from_beginning:
        await consumer.seek_to_beginning(*partitions)
    else:
        await consumer.seek_to_end(*partitions)
    for it in partitions:
        await consumer.position(it)  # seeking is lazy: from here on nothing is missed

    async def follow() -> None:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                tap.records += records

    following = asyncio.create_task(follow())
    try:
        yield tap
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await consumer.stop()
