"""Read the topics from their beginning up to the live consumer's offsets, once for several runs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.messaging.broker import cluster_id
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.deduplication import Record
from kernel.messaging.undecodable import fetch
from kernel.projections.rebuild.deduplication import InvalidRecord, RecordHead, read_heads
from kernel.projections.rebuild.errors import RunFailed
from kernel.store.writing import Connection

MAX_RECORDS = 10_000
POLL_MS = 1000
BROKER_TIMEOUT_SECONDS = 30.0
"""Without a single record for this long the broker counts as unavailable."""
FETCH_BYTES = 4 * 1024 * 1024

Offsets: TypeAlias = "dict[TopicPartition, int]"
Page: TypeAlias = "tuple[list[RecordHead], list[InvalidRecord]]"
LOAD_OFFSETS = """
    SELECT topic, part, cluster_id, next_offset FROM consumer_offset WHERE grp = $1 AND topic = ANY($2)
"""


class TopicReader:
    def __init__(
        self,
        group: str,
        types: frozenset[str],
        messages: MessageRegistry,
        client: KafkaConsumer,
        cluster_id: str,
        beginnings: Mapping[TopicPartition, int],
    ) -> None:
        """``types``: records of these types are parsed completely; of others only the head is."""
        self._group = group
        self._types = frozenset(type_.encode() for type_ in types)
        self._messages = messages
        self._client = client
        self._cluster_id = cluster_id
        self._beginnings = beginnings
        self._positions: Offsets = dict(beginnings)

    @property
    def events_done(self) -> int:
        return sum(self._positions.values()) - sum(self._beginnings.values())

    def total(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, offset - self._beginnings[partition]) for partition, offset in targets.items())

    async def live_offsets(self, connection: Connection) -> Offsets:
        """The live consumer's offsets as the current transaction sees them. Raises ``RunFailed`` if they are
        of another Kafka cluster or lie before this reader's positions."""
        topics = list({partition.topic for partition in self._beginnings})
        targets = dict(self._beginnings)
        for row in await connection.fetch(LOAD_OFFSETS, self._group, topics):
            partition = TopicPartition(row["topic"], row["part"])
            if row["cluster_id"] != self._cluster_id:
                raise RunFailed("The live read model was built from another Kafka cluster than this one.")
            targets[partition] = max(row["next_offset"], self._beginnings[partition])
        if any(offset < self._positions[partition] for partition, offset in targets.items()):
            raise RunFailed("The live consumer was reset to the beginning: the broker has lost records.")
        return targets

    async def pages(self, targets: Mapping[TopicPartition, int]) -> AsyncIterator[Page]:
        """Pages up to ``targets`` and never beyond, since what was applied cannot be undone. A page counts as
        read when the next one is requested. Raises ``TimeoutError`` when the broker returns no records."""
        missing = {partition for partition, end in targets.items() if self._positions[partition] < end}
        self._client.assign(sorted(missing))
        for partition in missing:
            self._client.seek(partition, self._positions[partition])
        last = time.monotonic()
        while missing:
            positions = {partition: self._positions[partition] for partition in missing}
            batches = await fetch(self._client, positions, POLL_MS, MAX_RECORDS)
            if batches:
                yield self._page(batches, targets)
                for partition, records in batches.items():
                    self._positions[partition] = min(records[-1].offset + 1, targets[partition])
                missing = {
                    partition for partition in missing if self._positions[partition] < targets[partition]
                }
                last = time.monotonic()
            elif time.monotonic() - last > BROKER_TIMEOUT_SECONDS:
                raise TimeoutError("the broker returns no records")

    def _page(
        self, batches: Mapping[TopicPartition, Sequence[Record]], targets: Mapping[TopicPartition, int]
    ) -> Page:
        records = (
            record
            for partition, batch in batches.items()
            for record in batch
            if record.offset < targets[partition]
        )
        return read_heads(records, self._types, self._messages)


@asynccontextmanager
async def open_topic_reader(
    bootstrap: str,
    group: str,
    partitions: Sequence[TopicPartition],
    types: frozenset[str],
    messages: MessageRegistry,
) -> AsyncIterator[TopicReader]:
    """Uses a client that is a member of no consumer group."""
    client = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await client.start()
        beginnings = await client.beginning_offsets(partitions)
        yield TopicReader(group, types, messages, client, await cluster_id(bootstrap), beginnings)
    finally:
        await client.stop()
