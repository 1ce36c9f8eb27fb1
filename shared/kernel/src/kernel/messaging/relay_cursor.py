"""The relay's cursor: how far the log has been copied, and whether the broker still has all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.broker import cluster_id, end_offsets
from kernel.messaging.connection import KafkaConnection

LOG = structlog.get_logger()

TAKE_OVER = """
    UPDATE relay_cursor SET epoch = epoch + 1
    RETURNING epoch, position, generation, cluster_id, published
"""
ADVANCE = """
    UPDATE relay_cursor SET position = $2, published = published || $3::text::jsonb
    WHERE epoch = $1 RETURNING position
"""
STORE_CLUSTER_ID = "UPDATE relay_cursor SET cluster_id = $2 WHERE epoch = $1"
RESTART = """
    UPDATE relay_cursor SET position = 0, published = '{}', cluster_id = $2, generation = generation + 1
    WHERE epoch = $1 RETURNING generation
"""


class RelayFenced(Exception):
    """Another relay has taken over."""


class BrokerDataLost(Exception):
    """A topic ends before an acknowledged record: the broker is new, or has been emptied."""


@dataclass(slots=True)
class Cursor:
    epoch: int
    position: int
    generation: int
    cluster_id: str | None
    published: dict[TopicPartition, int]
    """The offset of the last acknowledged record of each partition."""
    unsaved: dict[str, int] = field(default_factory=dict)
    """The part of ``published`` that is newer than the database's, by "topic/partition"."""

    def note_acknowledged(self, first: Any, records: int) -> None:
        """``first``: the broker's answer for the first of ``records`` consecutive records. Raises
        ``BrokerDataLost`` if the partition has restarted at a lower offset."""
        partition = TopicPartition(first.topic, first.partition)
        if first.offset <= self.published.get(partition, -1):
            raise BrokerDataLost(f"{partition} went back to {first.offset}")
        last = first.offset + records - 1
        self.published[partition] = last
        self.unsaved[f"{first.topic}/{first.partition}"] = last

    # failpoint: none needed (relay-page)
    async def advance(self, connection: asyncpg.Connection[asyncpg.Record], position: int) -> None:
        """Raises ``RelayFenced`` if another relay has taken over."""
        unsaved = orjson.dumps(self.unsaved).decode()
        if await connection.fetchval(ADVANCE, self.epoch, position, unsaved) is None:
            raise RelayFenced(f"epoch {self.epoch} is over")
        self.position = position
        self.unsaved.clear()

    async def is_tail_lost(self, kafka: KafkaConnection) -> bool:
        if self.cluster_id is not None and await cluster_id(kafka) != self.cluster_id:
            return True
        # copied first: records that are sent during the request only move the ends forward
        published = dict(self.published)
        ends = await end_offsets(kafka, published)
        return any(ends[partition] <= offset for partition, offset in published.items())


# failpoint: 3 calls
async def take_over(connection: asyncpg.Connection[asyncpg.Record], kafka: KafkaConnection) -> Cursor:
    """Become the leader; restart from the beginning of the log if the broker has lost acknowledged
    records."""
    row = await connection.fetchrow(TAKE_OVER)
    if row is None:
        raise RuntimeError("The relay's cursor row is missing: the database is not migrated.")
    cursor = Cursor(
        epoch=row["epoch"],
        position=row["position"],
        generation=row["generation"],
        cluster_id=row["cluster_id"],
        published={partition_named(name): offset for name, offset in orjson.loads(row["published"]).items()},
    )
    broker = await cluster_id(kafka)
    if cursor.cluster_id is None:
        await connection.execute(STORE_CLUSTER_ID, cursor.epoch, broker)
    elif await cursor.is_tail_lost(kafka):
        LOG.warning("broker_data_lost", broker=broker)
        cursor.generation = await connection.fetchval(RESTART, cursor.epoch, broker)
        cursor.position, cursor.published = 0, {}
        failpoints.active and await failpoints.hit("relay.after_start_again")
    cursor.cluster_id = broker
    failpoints.active and await failpoints.hit("relay.after_take_over")
    return cursor


def partition_named(name: str) -> TopicPartition:
    topic, _, partition = name.rpartition("/")
    return TopicPartition(topic, int(partition))
