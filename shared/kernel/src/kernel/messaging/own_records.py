"""Read back what a service has published: the records of its own topics that are under its own name."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition

from contracts.registry import MessageRegistry
from kernel.messaging.broker import partitions_of
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.inbound import InboundMessage, InvalidMessage, read_envelope
from kernel.messaging.undecodable import fetch

MAX_RECORDS = 5_000
POLL_MS = 500
BROKER_TIMEOUT_SECONDS = 30.0
"""Without a single record for this long the broker counts as unavailable."""
FETCH_BYTES = 4 * 1024 * 1024

Offsets: TypeAlias = Mapping[TopicPartition, int]
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class OwnRecords:
    """The part of a service's own topics from some offsets to the ends that they had at first."""

    def __init__(
        self,
        client: KafkaConsumer,
        source: str,
        messages: MessageRegistry,
        begins: Offsets,
        ends: Offsets,
    ) -> None:
        self._client = client
        self._source = source
        self._messages = messages
        self._positions = dict(begins)
        self.ends = ends
        self.total = sum(max(0, end - begins[partition]) for partition, end in ends.items())
        """The number of offsets in between."""

    async def pages(self) -> AsyncIterator[Sequence[InboundMessage]]:
        """Each partition in its sequence. Records of others and those without a valid envelope are left out:
        consumers park them. Raises ``TimeoutError`` if the broker returns no records."""
        missing = {it for it, end in self.ends.items() if self._positions[it] < end}
        self._client.assign(sorted(missing))
        for partition in missing:
            self._client.seek(partition, self._positions[partition])
        last = time.monotonic()
        while missing:
            positions = {it: self._positions[it] for it in missing}
            batches = await fetch(self._client, positions, POLL_MS, MAX_RECORDS)
            if not batches:
                await self._skip_markers(missing)
                if time.monotonic() - last > BROKER_TIMEOUT_SECONDS:
                    raise TimeoutError("the broker returns no records")
            else:
                last = time.monotonic()
            for partition, records in batches.items():
                self._positions[partition] = records[-1].offset + 1
                yield [own for it in records if (own := self._own(it)) is not None]
            missing = {it for it in missing if self._positions[it] < self.ends[it]}

    async def _skip_markers(self, partitions: set[TopicPartition]) -> None:
        """The last offset may belong to the marker of a producer's transaction, which is no record."""
        for partition in partitions:
            self._positions[partition] = await self._client.position(partition)

    def _own(self, record: Record) -> InboundMessage | None:
        try:
            message = read_envelope(record, self._messages)
        except InvalidMessage as invalid:
            if invalid.message is None:
                return None
            message = invalid.message  # of later code: it belongs to the log all the same
        return message if message.source == self._source else None


@asynccontextmanager
async def own_records(
    kafka: KafkaConnection, source: str, messages: MessageRegistry, after: Offsets
) -> AsyncIterator[OwnRecords]:
    """``after``: the offset of the last known record of a partition; other partitions are read from their
    beginning, and so is one that ends before that."""
    client = KafkaConsumer(
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
        request_timeout_ms=10_000,
        **kafka.client_options(),
    )
    try:
        await client.start()
        topics = [topic for topic, sender in messages.sender_of.items() if sender == source]
        partitions = await partitions_of(kafka, topics)
        first = await client.beginning_offsets(partitions) if partitions else {}
        ends = await client.end_offsets(partitions) if partitions else {}
        begins = {
            it: max(begin, known + 1) if (known := after.get(it, -1)) < ends[it] else begin
            for it, begin in first.items()
        }
        yield OwnRecords(client, source, messages, begins, ends)
    finally:
        await client.stop()
