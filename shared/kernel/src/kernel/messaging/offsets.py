"""A consumer group's offsets, stored in the database of its service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg
import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.clients import KafkaConsumer

LOG = structlog.get_logger()
READ = "SELECT topic, part, cluster_id, generation, next_offset FROM consumer_offset WHERE grp = $1"
STORE = """
    INSERT INTO consumer_offset (grp, topic, part, cluster_id, generation, next_offset)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (grp, topic, part) DO UPDATE
    SET cluster_id = excluded.cluster_id, generation = excluded.generation, next_offset = excluded.next_offset
"""


@dataclass(frozen=True, slots=True)
class Offset:
    next_offset: int
    generation: int


class OffsetStore:
    """This member's copy of the offsets; every batch compares it with the database, in the batch's
    transaction."""

    def __init__(self, group: str, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._group = group
        self._pool = pool
        self._offsets: dict[TopicPartition, Offset] = {}
        self.cluster_id = ""

    def __contains__(self, partition: TopicPartition) -> bool:
        return partition in self._offsets

    def __getitem__(self, partition: TopicPartition) -> Offset:
        return self._offsets[partition]

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            self._offsets.pop(partition, None)

    async def seek(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Load the offset of each partition, and seek to it.

        An offset of another cluster, or beyond the end of the partition, is useless: then the partition is
        read from its beginning, and deduplication drops the repeats by version.
        """
        assigned = list(partitions)
        rows = await self._pool.fetch(READ, self._group)
        stored = {TopicPartition(row["topic"], row["part"]): row for row in rows}
        begins = await consumer.beginning_offsets(assigned)
        ends = await consumer.end_offsets(assigned)
        for partition in assigned:
            row = stored.get(partition)
            if row and row["cluster_id"] == self.cluster_id and row["next_offset"] < begins[partition]:
                LOG.error(
                    "unread_records_expired",
                    group=self._group,
                    topic=partition.topic,
                    partition=partition.partition,
                    read_up_to=row["next_offset"],
                    begins=begins[partition],
                )
            if (
                row is None
                or row["cluster_id"] != self.cluster_id
                or not begins[partition] <= row["next_offset"] <= ends[partition]
            ):
                await self.reset(consumer, partition, begins[partition], row["generation"] if row else 0)
            else:
                self._offsets[partition] = Offset(row["next_offset"], row["generation"])
                consumer.seek(partition, row["next_offset"])

    async def reset(
        self, consumer: KafkaConsumer, partition: TopicPartition, begin: int, generation: int
    ) -> None:
        await self._pool.execute(
            STORE, self._group, partition.topic, partition.partition, self.cluster_id, generation, begin
        )
        failpoints.active and await failpoints.hit("consumer.after_place")
        self._offsets[partition] = Offset(begin, generation)
        consumer.seek(partition, begin)

    def moves(self, new_offsets: Mapping[TopicPartition, Offset]) -> list[tuple[str, int, int, int, int]]:
        """Topic, partition, expected offset, next offset and its generation."""
        return [
            (part.topic, part.partition, self._offsets[part].next_offset, new.next_offset, new.generation)
            for part, new in sorted(new_offsets.items())
        ]

    def committed(self, new_offsets: Mapping[TopicPartition, Offset]) -> None:
        """Note the offsets of a batch whose transaction is committed."""
        self._offsets |= new_offsets
