"""Copy the envelopes of all records in the topics, with a digest instead of the body."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from cli.errors import StackError
from cli.kafka_client_log import keep_errors, reason_of
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS, USED_TOPICS
from kernel.messaging.broker import cluster_id
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.inbound import InvalidMessage, generation_of, read_envelope
from kernel.messaging.undecodable import fetch
from verify.dataset.consistent_reads import PAGE
from verify.dataset.dataset import Dataset

POLL_MS = 1_000
MAX_EMPTY_POLLS = 30
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
Bounds: TypeAlias = "Mapping[TopicPartition, tuple[int, int]]"


class Topics:
    def __init__(self, consumer: KafkaConsumer, kafka: KafkaConnection) -> None:
        self._consumer = consumer
        self._kafka = kafka

    async def cluster_id(self) -> str:
        return await cluster_id(self._kafka)

    async def bounds(self) -> Bounds:
        """First and end offset of each partition."""
        parts = [TopicPartition(topic, part) for topic in USED_TOPICS for part in range(PARTITIONS)]
        begins = await self._consumer.beginning_offsets(parts)
        ends = await self._consumer.end_offsets(parts)
        return {it: (begins[it], ends[it]) for it in parts}

    async def read_to_ends(self, bounds: Bounds, page: int = PAGE) -> AsyncIterator[Sequence[Record]]:
        missing = {it: end for it, (begin, end) in bounds.items() if begin < end}
        reached = {it: bounds[it][0] for it in missing}
        self._consumer.assign(sorted(missing))
        for part, begin in reached.items():
            self._consumer.seek(part, begin)
        empty_polls = 0
        while missing:
            found = await fetch(self._consumer, {it: reached[it] for it in missing}, POLL_MS, page)
            empty_polls = 0 if found else empty_polls + 1
            if empty_polls > MAX_EMPTY_POLLS:
                raise StackError(f"Kafka at {self._kafka.bootstrap} does not deliver records.")
            yield [it for part, records in found.items() for it in records if it.offset < bounds[part][1]]
            for part in list(missing):
                reached[part] = await self._consumer.position(part)
                if reached[part] >= missing[part]:
                    del missing[part]


@asynccontextmanager
async def open_topics(kafka: KafkaConnection) -> AsyncIterator[Topics]:
    """A consumer of all topics. Raises ``StackError`` if the broker does not answer."""
    keep_errors()
    consumer = KafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **kafka.client_options())
    try:
        await consumer.start()
        yield Topics(consumer, kafka)
    except (KafkaError, OSError, TimeoutError) as trouble:
        raise StackError(f"Kafka at {kafka.bootstrap} does not answer ({reason_of(trouble)}).") from None
    finally:
        await consumer.stop()


async def copy_topics(
    source: Topics, bounds: Bounds, into: Dataset, advance: Callable[[int], None], page: int = PAGE
) -> None:
    into.add("broker", [(await source.cluster_id(),)])
    into.add("part", [(*it, PARTITIONS, *at) for it, at in bounds.items()])
    async for records in source.read_to_ends(bounds, page):
        into.add("record", [_row(it) for it in records])
        advance(len(records))


def _row(record: Record) -> tuple[object, ...]:
    location = record.topic, record.partition, record.offset
    key = record.key.decode(errors="replace") if record.key is not None else None
    try:
        envelope = read_envelope(record, MESSAGES)
    except InvalidMessage as wrong:
        nothing = None, None, wrong.reason, key, None, None, None
        return (*location, "unreadable", *nothing, generation_of(record), None, None, 0)
    return (
        *location,
        "command" if envelope.record.topic.endswith(".commands") else "fact",
        str(envelope.stream_id),
        envelope.version,
        str(envelope.message_id),
        key,
        envelope.tenant,
        envelope.type,
        envelope.source,
        envelope.generation,
        envelope.recorded_at.timestamp(),
        sha256(record.value or b"").digest()[:8],
        0,
    )
