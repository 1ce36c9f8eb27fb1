"""How much of the topics the projections have not handled yet, and for how long it has been waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import asyncpg
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.topology import PARTITIONS
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.undecodable import UNDECODABLE

LOG = structlog.get_logger()
PLACES = "SELECT topic, part, next_offset FROM consumer_offset WHERE grp = $1"
READING_MS = 1000
OUTAGES = (KafkaError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One partition; without an end where the broker cannot be asked."""

    next_offset: int
    end: int | None
    waiting_seconds: float | None
    """Since when the first record that is not handled yet has been there."""

    @property
    def events(self) -> int | None:
        return None if self.end is None else max(0, self.end - self.next_offset)


class Lag:
    """Looks into the topics with a client of its own, outside of every group."""

    def __init__(
        self, group: str, topics: Sequence[str], pool: asyncpg.Pool[asyncpg.Record], bootstrap: str
    ) -> None:
        self._group = group
        self._partitions = [TopicPartition(topic, part) for topic in topics for part in range(PARTITIONS)]
        self._pool = pool
        self._bootstrap = bootstrap
        self._client: KafkaConsumer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def standings(self) -> Mapping[TopicPartition, PartitionLag]:
        rows = await self._pool.fetch(PLACES, self._group)
        places = {TopicPartition(row["topic"], row["part"]): row["next_offset"] for row in rows}
        here = {it: places.get(it, 0) for it in self._partitions}
        async with self._one_at_a_time:
            try:
                return await self._compare(here)
            except OUTAGES as outage:
                LOG.warning("topic_inspection_failed", error=repr(outage))
                await self._close()
                return {it: PartitionLag(place, None, None) for it, place in here.items()}

    async def _compare(self, here: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, PartitionLag]:
        client = await self._started()
        ends: dict[TopicPartition, int] = await client.end_offsets(list(here))
        behind = {it: place for it, place in here.items() if place < ends[it]}
        since = await self._first_times(client, behind) if behind else {}
        now = time.time()
        return {
            it: PartitionLag(place, ends[it], max(0.0, now - since[it]) if it in since else 0.0)
            for it, place in here.items()
        }

    @staticmethod
    async def _first_times(
        client: KafkaConsumer, behind: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, float]:
        """When the first record at or behind each place was published."""
        client.assign(list(behind))
        for partition, place in behind.items():
            client.seek(partition, place)
        times: dict[TopicPartition, float] = {}
        deadline = time.monotonic() + READING_MS / 1000
        while (missing := behind.keys() - times.keys()) and time.monotonic() < deadline:
            try:
                found = await client.getmany(*missing, timeout_ms=READING_MS // 5, max_records=len(missing))
            except UNDECODABLE:
                return times  # nobody can tell how old it is, and it is about to be parked
            for partition, records in found.items():
                if records:
                    times[partition] = records[0].timestamp / 1000
        return times

    async def _started(self) -> KafkaConsumer:
        if self._client is None:
            client = KafkaConsumer(
                bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", request_timeout_ms=5_000
            )
            self._client = client
            await client.start()
        return self._client

    async def _close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.stop()
