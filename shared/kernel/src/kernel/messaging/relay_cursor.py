"""How far the log has been copied, and whether the broker still has all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.broker import cluster_id, ends_of

LOG = structlog.get_logger()

TAKE_OVER = """
    UPDATE relay_cursor SET epoch = epoch + 1
    RETURNING epoch, position, generation, cluster_id, published
"""
ADVANCE = """
    UPDATE relay_cursor SET position = $2, published = published || $3::text::jsonb
    WHERE epoch = $1 RETURNING position
"""
MEET_BROKER = "UPDATE relay_cursor SET cluster_id = $2 WHERE epoch = $1"
START_AGAIN = """
    UPDATE relay_cursor SET position = 0, published = '{}', cluster_id = $2, generation = generation + 1
    WHERE epoch = $1 RETURNING generation
"""


class RelayFenced(Exception):
    """Another relay has taken over."""


class BrokerDataLost(Exception):
    """A topic ends before what it had acknowledged: the broker is new, or has been emptied."""


@dataclass(slots=True)
class Cursor:
    epoch: int
    position: int
    generation: int
    cluster_id: str | None
    published: dict[TopicPartition, int]
    """The offset of the last acknowledged record of each partition."""
    fresh: dict[str, int] = field(default_factory=dict)
    """The same, where it is newer than the database's, by "topic/partition"."""

    def acknowledged(self, first: Any, records: int) -> None:
        """Note that so many records lie behind one another, and where the first of them does. Raises
        ``BrokerDataLost`` if the partition has begun anew under us."""
        where = TopicPartition(first.topic, first.partition)
        if first.offset <= self.published.get(where, -1):
            raise BrokerDataLost(f"{where} went back to {first.offset}")
        last = first.offset + records - 1
        self.published[where] = last
        self.fresh[f"{first.topic}/{first.partition}"] = last

    # failpoint: none needed (relay-page)
    async def advance(self, connection: asyncpg.Connection[asyncpg.Record], position: int) -> None:
        """Raises ``RelayFenced`` if another relay has taken over since."""
        fresh = orjson.dumps(self.fresh).decode()
        if await connection.fetchval(ADVANCE, self.epoch, position, fresh) is None:
            raise RelayFenced(f"epoch {self.epoch} is over")
        self.position = position
        self.fresh.clear()

    async def tail_is_lost(self, bootstrap: str) -> bool:
        if self.cluster_id is not None and await cluster_id(bootstrap) != self.cluster_id:
            return True
        # records sent meanwhile only move the ends forward: they are compared with what was known before
        published = dict(self.published)
        ends = await ends_of(bootstrap, published)
        return any(ends[where] <= offset for where, offset in published.items())


# failpoint: 3 calls
async def take_over(connection: asyncpg.Connection[asyncpg.Record], bootstrap: str) -> Cursor:
    """Become the one relay; start again from the beginning if the broker has lost what it once had."""
    row = await connection.fetchrow(TAKE_OVER)
    if row is None:
        raise RuntimeError("the relay's cursor row is missing: is the database migrated?")
    cursor = Cursor(
        epoch=row["epoch"],
        position=row["position"],
        generation=row["generation"],
        cluster_id=row["cluster_id"],
        published={_partition(name): offset for name, offset in orjson.loads(row["published"]).items()},
    )
    broker = await cluster_id(bootstrap)
    if cursor.cluster_id is None:
        await connection.execute(MEET_BROKER, cursor.epoch, broker)
    elif await cursor.tail_is_lost(bootstrap):
        LOG.warning("broker_data_lost", broker=broker)
        cursor.generation = await connection.fetchval(START_AGAIN, cursor.epoch, broker)
        cursor.position, cursor.published = 0, {}
        failpoints.active and await failpoints.hit("relay.after_start_again")
    cursor.cluster_id = broker
    failpoints.active and await failpoints.hit("relay.after_take_over")
    return cursor


def _partition(name: str) -> TopicPartition:
    topic, _, partition = name.rpartition("/")
    return TopicPartition(topic, int(partition))
