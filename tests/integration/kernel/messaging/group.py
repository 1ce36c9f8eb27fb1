"""A consumer group under test: its handlers record their effects in the batch's transaction."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition

from devstack.databases import Database
from kernel.messaging.broker import cluster_id, end_offsets
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from tests.support.database import execute
from tests.support.waiting import until

STOCK = frozenset({"stock.received"})
PARTITIONS = 6

EFFECT = "INSERT INTO effects (scope, stream_id, version, member) VALUES ($1, $2, $3, $4)"
PLACE = """
    INSERT INTO consumer_offset VALUES ($1, $2, $3, $4, 1, $5)
    ON CONFLICT (grp, topic, part) DO UPDATE SET next_offset = excluded.next_offset
"""


async def make_effects_table(database: Database) -> None:
    """No unique constraint: a repeated effect is visible."""
    service = database.service_url.partition("://")[2].partition(":")[0]
    await execute(
        database.owner_url,
        "CREATE TABLE effects (number bigint GENERATED ALWAYS AS IDENTITY, scope text, stream_id uuid,"
        " version int, member text)",
    )
    await execute(database.owner_url, f'GRANT SELECT, INSERT ON effects TO "{service}"')


@dataclass
class Recorder:
    """Writes one effect per record; ``before`` may raise, ``decide`` may store more."""

    scope: str
    types: frozenset[str] = STOCK
    member: str = ""
    before: Callable[[InboundMessage], None] = lambda _: None
    decide: Callable[[InboundMessage, PgUnitOfWork], Coroutine[Any, Any, None]] | None = None
    batches: list[int] = field(default_factory=list)

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        self.batches.append(len(batch))
        for it in batch:
            it.command() if it.record.topic.endswith(".commands") else it.fact()
            await connection.execute(EFFECT, self.scope, it.stream_id, it.version, self.member)
            if self.decide:
                work.switch_context(it.context())
                await self.decide(it, work)
            self.before(it)


@dataclass
class Group:
    name: str
    store: EventStore
    bootstrap: str

    async def seek_to_end(self, *topics: str) -> None:
        broker = await cluster_id(KafkaConnection(self.bootstrap))
        ends = await end_offsets(
            KafkaConnection(self.bootstrap),
            [TopicPartition(it, part) for it in topics for part in range(PARTITIONS)],
        )
        rows = [(self.name, it.topic, it.partition, broker, end) for it, end in ends.items()]
        await self.store.pool.executemany(PLACE, rows)

    def consumer(
        self,
        *handlers: Recorder,
        topics: Sequence[str] = ("offer.events",),
        store: EventStore | None = None,
        bootstrap: str | None = None,
    ) -> Consumer:
        where = bootstrap or self.bootstrap
        return Consumer(
            self.name, topics, handlers, store or self.store, KafkaConnection(where), Heartbeats()
        )

    def recorder(self, **more: Any) -> Recorder:
        return Recorder(self.name, **more)

    async def effects(self, scope: str | None = None) -> list[tuple[UUID, int]]:
        """Stream and version of each effect, in order."""
        rows = await self.store.pool.fetch(
            "SELECT stream_id, version FROM effects WHERE scope = $1 ORDER BY number", scope or self.name
        )
        return [(row["stream_id"], row["version"]) for row in rows]

    async def parked(self, scope: str | None = None, *, still: bool = True) -> list[tuple[str, str]]:
        """Key and reason of each dead letter, in order."""
        rows = await self.store.pool.fetch(
            "SELECT record_key, reason FROM parked WHERE grp = $1 AND (resolved_at IS NULL) = $2"
            " ORDER BY part, record_offset, parked_id",
            scope or self.name,
            still,
        )
        return [((row["record_key"] or b"").decode(errors="replace"), row["reason"]) for row in rows]

    async def offsets(self) -> dict[tuple[str, int], int]:
        rows = await self.store.pool.fetch(
            "SELECT topic, part, next_offset FROM consumer_offset WHERE grp = $1", self.name
        )
        return {(row["topic"], row["part"]): row["next_offset"] for row in rows}

    async def has_done(self, count: int, scope: str | None = None) -> None:
        async def done() -> bool:
            return len(await self.effects(scope)) >= count

        await until(done)

    async def has_parked(self, count: int, scope: str | None = None) -> None:
        async def done() -> bool:
            return len(await self.parked(scope)) >= count

        await until(done)
