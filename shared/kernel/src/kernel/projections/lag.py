"""Consumer lag of read models: unhandled records per partition, and the age of the oldest of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

import asyncpg
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.undecodable import UNDECODABLE
from kernel.projections.registry import ProjectionRegistry

LOG = structlog.get_logger()
LOAD_OFFSETS = "SELECT grp, topic, part, next_offset FROM consumer_offset WHERE grp = ANY($1)"
FETCH_TIMEOUT_MS = 1000
Offsets: TypeAlias = "Mapping[TopicPartition, int]"
Ages: TypeAlias = "Mapping[tuple[TopicPartition, int], float]"
"""Seconds since the record at an offset of a partition was published."""
OUTAGES = (KafkaError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """``end`` and ``waiting_seconds`` are None while the broker is unavailable."""

    next_offset: int
    end: int | None
    waiting_seconds: float | None
    """Age of the first unhandled record; 0 without one."""

    @property
    def events(self) -> int | None:
        return None if self.end is None else max(0, self.end - self.next_offset)


class Lag:
    """Reads the topics with its own client, which is a member of no consumer group."""

    def __init__(
        self,
        registry: ProjectionRegistry,
        pool: asyncpg.Pool[asyncpg.Record],
        kafka: KafkaConnection,
    ) -> None:
        self._registry = registry
        self._pool = pool
        self._kafka = kafka
        self._client: KafkaConsumer | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def by_model(self) -> Mapping[str, Mapping[TopicPartition, PartitionLag]]:
        """By the read model's scope."""
        scopes = {model.scope: self._registry.partitions_of(model) for model in self._registry.models}
        rows = await self._pool.fetch(LOAD_OFFSETS, list(scopes))
        known = {(row["grp"], TopicPartition(row["topic"], row["part"])): row["next_offset"] for row in rows}
        offsets = {
            scope: {partition: known.get((scope, partition), 0) for partition in partitions}
            for scope, partitions in scopes.items()
        }
        async with self._lock:
            try:
                return await self._compare_with_ends(offsets)
            except OUTAGES as outage:
                LOG.warning("topic_inspection_failed", error=repr(outage))
                await self._close()
                return {
                    scope: {partition: PartitionLag(offset, None, None) for partition, offset in own.items()}
                    for scope, own in offsets.items()
                }

    async def _compare_with_ends(
        self, offsets: Mapping[str, Offsets]
    ) -> Mapping[str, Mapping[TopicPartition, PartitionLag]]:
        client = await self._started_client()
        partitions = {partition for own in offsets.values() for partition in own}
        ends: dict[TopicPartition, int] = await client.end_offsets(list(partitions))
        behind = {
            (partition, offset)
            for own in offsets.values()
            for partition, offset in own.items()
            if offset < ends[partition]
        }
        ages = await self._ages(client, behind)
        return {
            scope: {
                partition: PartitionLag(offset, ends[partition], ages.get((partition, offset), 0.0))
                for partition, offset in own.items()
            }
            for scope, own in offsets.items()
        }

    @staticmethod
    async def _ages(client: KafkaConsumer, behind: set[tuple[TopicPartition, int]]) -> Ages:
        """Read each partition once, from its lowest offset: one fetch reaches most of the other offsets.

        Those that it does not reach are sought. An offset has no age if it is not read within the time limit,
        or if its record cannot be decoded.
        """
        missing: dict[TopicPartition, list[int]] = {}
        for partition, offset in sorted(behind):
            missing.setdefault(partition, []).append(offset)
        client.assign(list(missing))
        for partition, offsets in missing.items():
            client.seek(partition, offsets[0])
        ages: dict[tuple[TopicPartition, int], float] = {}
        deadline = time.monotonic() + FETCH_TIMEOUT_MS / 1000
        while missing and time.monotonic() < deadline:
            try:
                fetched = await client.getmany(*missing, timeout_ms=FETCH_TIMEOUT_MS // 5)
            except UNDECODABLE:
                break  # the lane is about to park that record
            now = time.time()
            for partition, records in fetched.items():
                offsets = missing.pop(partition)
                while records and offsets and offsets[0] <= records[-1].offset:
                    published = next(it.timestamp for it in records if it.offset >= offsets[0]) / 1000
                    ages[partition, offsets.pop(0)] = max(0.0, now - published)
                if offsets:
                    missing[partition] = offsets
                    client.seek(partition, offsets[0])
        return ages

    async def _started_client(self) -> KafkaConsumer:
        if self._client is None:
            client = KafkaConsumer(
                auto_offset_reset="earliest", request_timeout_ms=5_000, **self._kafka.client_options()
            )
            self._client = client
            await client.start()
        return self._client

    async def _close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.stop()
