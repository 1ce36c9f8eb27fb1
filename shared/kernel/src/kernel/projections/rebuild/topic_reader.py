"""Read the topics from their beginning up to the offsets of the live read models, once for several runs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.messaging.broker import cluster_id
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
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

LOAD_FURTHEST = """
    SELECT topic, part, max(next_offset) AS next_offset FROM consumer_offset
    WHERE topic <> ALL($1) AND cluster_id = $2 GROUP BY topic, part
"""


class TopicReader:
    def __init__(
        self,
        types: frozenset[str],
        messages: MessageRegistry,
        client: KafkaConsumer,
        cluster_id: str,
        beginnings: Mapping[TopicPartition, int],
    ) -> None:
        """``types``: records of these types are parsed completely; of others only the head is."""
        self._types = frozenset(type_.encode() for type_ in types)
        self._messages = messages
        self._client = client
        self._cluster_id = cluster_id
        self._beginnings = beginnings
        self._positions: Offsets = dict(beginnings)
        self._live: dict[tuple[str, TopicPartition], int] = {}

    @property
    def cluster_id(self) -> str:
        return self._cluster_id

    @property
    def events_done(self) -> int:
        return sum(self._positions.values()) - sum(self._beginnings.values())

    def total(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, offset - self._beginnings[partition]) for partition, offset in targets.items())

    def remaining(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, offset - self._positions[partition]) for partition, offset in targets.items())

    async def live_offsets(self, scope: str, topics: Collection[str], connection: Connection) -> Offsets:
        """The offsets of the read model of this scope in its topics, as the current transaction sees them.
        Raises ``RunFailed`` if they are of another Kafka cluster or have gone back."""
        offsets = {
            partition: begin for partition, begin in self._beginnings.items() if partition.topic in topics
        }
        for row in await connection.fetch(LOAD_OFFSETS, scope, list(topics)):
            partition = TopicPartition(row["topic"], row["part"])
            if row["cluster_id"] != self._cluster_id:
                raise RunFailed("The live read model was built from another Kafka cluster than this one.")
            if row["next_offset"] < self._live.get((scope, partition), 0):
                raise RunFailed("The live offsets were reset to the beginning: the broker has lost records.")
            self._live[scope, partition] = row["next_offset"]
            offsets[partition] = max(row["next_offset"], self._beginnings[partition])
        return offsets

    async def other_offsets(self, topics: Collection[str], connection: Connection) -> Offsets:
        """The furthest offsets in all topics but these. A read model that once shared its offsets with others
        has accepted records of their topics, too."""
        rows = await connection.fetch(LOAD_FURTHEST, list(topics), self._cluster_id)
        offsets = {TopicPartition(row["topic"], row["part"]): row["next_offset"] for row in rows}
        return {
            partition: max(offsets.get(partition, 0), self._positions[partition])
            for partition in self._beginnings
            if partition.topic not in topics
        }

    def reached(self, offsets: Mapping[TopicPartition, int]) -> Offsets:
        """These offsets, or this reader's positions where they are further: it also reads for other runs."""
        return {partition: max(offset, self._positions[partition]) for partition, offset in offsets.items()}

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
    kafka: KafkaConnection,
    partitions: Sequence[TopicPartition],
    types: frozenset[str],
    messages: MessageRegistry,
) -> AsyncIterator[TopicReader]:
    """Uses a client that is a member of no consumer group."""
    client = KafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await client.start()
        beginnings = await client.beginning_offsets(partitions)
        yield TopicReader(types, messages, client, await cluster_id(kafka), beginnings)
    finally:
        await client.stop()
