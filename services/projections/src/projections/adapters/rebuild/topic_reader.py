"""Read the topics from their beginning, up to wherever the live read models stand: once for several runs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from aiokafka import TopicPartition

from contracts.topology import PARTITIONS
from kernel.messaging.broker import cluster_id
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.sifting import Record
from kernel.messaging.undecodable import fetched
from kernel.store.writing import Connection
from projections.adapters.rebuild.deduplication import InvalidRecord, RecordHead, read_heads
from projections.adapters.rebuild.errors import RunFailed

MAX_RECORDS = 10_000
POLL_MS = 1000
PATIENCE = 30.0
"""Seconds without a single record before the broker counts as away."""
FETCH_BYTES = 4 * 1024 * 1024

Offsets: TypeAlias = "dict[TopicPartition, int]"
Page: TypeAlias = "tuple[list[RecordHead], list[InvalidRecord]]"
PLACES = """
    SELECT topic, part, cluster_id, next_offset FROM consumer_offset WHERE grp = $1 AND topic = ANY($2)
"""


class TopicReader:
    def __init__(
        self,
        group: str,
        types: frozenset[str],
        client: KafkaConsumer,
        cluster_id: str,
        begins: Mapping[TopicPartition, int],
    ) -> None:
        """``types``: those that are read as a whole."""
        self._group = group
        self._types = frozenset(it.encode() for it in types)
        self._client = client
        self._cluster_id = cluster_id
        self._begins = begins
        self._reached: Offsets = dict(begins)

    @property
    def events_done(self) -> int:
        return sum(self._reached.values()) - sum(self._begins.values())

    def total(self, targets: Mapping[TopicPartition, int]) -> int:
        return sum(max(0, it - self._begins[where]) for where, it in targets.items())

    async def live_place(self, connection: Connection) -> Offsets:
        """Up to where the live read models have been brought: within a transaction, exactly."""
        topics = list({it.topic for it in self._begins})
        targets = dict(self._begins)
        for row in await connection.fetch(PLACES, self._group, topics):
            where = TopicPartition(row["topic"], row["part"])
            if row["cluster_id"] != self._cluster_id:
                raise RunFailed("The live read model comes from another broker than this one.")
            targets[where] = max(row["next_offset"], self._begins[where])
        if any(it < self._reached[where] for where, it in targets.items()):
            raise RunFailed(
                "The live consumer has begun again from the beginning: the broker has lost records."
            )
        return targets

    async def pages(self, targets: Mapping[TopicPartition, int]) -> AsyncIterator[Page]:
        """Never beyond: what was applied cannot be taken back. A page counts as read when the next one is
        asked for."""
        missing = {it for it, target in targets.items() if self._reached[it] < target}
        self._client.assign(sorted(missing))
        for it in missing:
            self._client.seek(it, self._reached[it])
        last = time.monotonic()
        while missing:
            places = {it: self._reached[it] for it in missing}
            found = await fetched(self._client, places, POLL_MS, MAX_RECORDS)
            if found:
                yield self._heads(found, targets)
                for where, records in found.items():
                    self._reached[where] = min(records[-1].offset + 1, targets[where])
                missing = {it for it in missing if self._reached[it] < targets[it]}
                last = time.monotonic()
            elif time.monotonic() - last > PATIENCE:
                raise TimeoutError("the broker gives no records")

    def _heads(
        self, found: Mapping[TopicPartition, Sequence[Record]], targets: Mapping[TopicPartition, int]
    ) -> Page:
        wanted = (it for where, records in found.items() for it in records if it.offset < targets[where])
        return read_heads(wanted, self._types)


@asynccontextmanager
async def open_topic_reader(
    bootstrap: str, group: str, topics: Sequence[str], types: frozenset[str]
) -> AsyncIterator[TopicReader]:
    """By a client outside of every group."""
    client = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await client.start()
        parts = [TopicPartition(topic, part) for topic in topics for part in range(PARTITIONS)]
        begins = await client.beginning_offsets(parts)
        yield TopicReader(group, types, client, await cluster_id(bootstrap), begins)
    finally:
        await client.stop()
