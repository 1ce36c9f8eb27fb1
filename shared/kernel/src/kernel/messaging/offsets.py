"""Where a consumer group stands in its topics, as the database says."""

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
    """What this member believes; every batch compares it with the database, in the batch's transaction."""

    def __init__(self, group: str, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._group = group
        self._pool = pool
        self._here: dict[TopicPartition, Offset] = {}
        self.cluster_id = ""

    def __contains__(self, partition: TopicPartition) -> bool:
        return partition in self._here

    def __getitem__(self, partition: TopicPartition) -> Offset:
        return self._here[partition]

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            self._here.pop(partition, None)

    async def find(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Seek each partition to where the database says.

        What was read from another broker, or beyond the end of this one, says nothing about it: then the
        partition is read from its beginning, and what is known already is dropped by version.
        """
        wanted = list(partitions)
        rows = await self._pool.fetch(READ, self._group)
        known = {TopicPartition(row["topic"], row["part"]): row for row in rows}
        begins = await consumer.beginning_offsets(wanted)
        ends = await consumer.end_offsets(wanted)
        for partition in wanted:
            row = known.get(partition)
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
                self._here[partition] = Offset(row["next_offset"], row["generation"])
                consumer.seek(partition, row["next_offset"])

    async def reset(
        self, consumer: KafkaConsumer, partition: TopicPartition, begin: int, generation: int
    ) -> None:
        await self._pool.execute(
            STORE, self._group, partition.topic, partition.partition, self.cluster_id, generation, begin
        )
        failpoints.active and await failpoints.hit("consumer.after_place")
        self._here[partition] = Offset(begin, generation)
        consumer.seek(partition, begin)

    def moves(self, reached: Mapping[TopicPartition, Offset]) -> list[tuple[str, int, int, int, int]]:
        """Topic, partition, the offset that we expect to find, the next one, and its generation."""
        return [
            (it.topic, it.partition, self._here[it].next_offset, place.next_offset, place.generation)
            for it, place in sorted(reached.items())
        ]

    def reached(self, places: Mapping[TopicPartition, Offset]) -> None:
        """The transaction is committed: this is where we stand."""
        self._here |= places
