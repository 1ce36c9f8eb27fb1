"""The kernel's event store on a connection in memory and the scheduler's clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from contracts.topics import MESSAGES
from kernel.postgres.service_pool import ServicePool
from kernel.store.cache_backoff import CacheBackoff
from kernel.store.changes import Changes
from kernel.store.clock import Clock
from kernel.store.event_store import EventStore
from kernel.store.group_commit import GroupCommitter
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from tests.proofs.simulation import connection
from tests.proofs.simulation.scheduler import SECOND, Scheduler

if TYPE_CHECKING:
    from tests.proofs.simulation.node import Node


class SchedulerClock(Clock):
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def now(self) -> datetime:
        return self._scheduler.now


class SingleCommitter(GroupCommitter):
    """Store each unit of work alone: group commit changes timing, not what each unit may do."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def commit(self, changes: Changes) -> None:
        if changes:
            on = cast(Connection, connection.Connection(self._node))
            (conflict,) = await self.store_together(on, [changes])
            if conflict is not None:
                raise conflict


class SimulatedStore(EventStore):
    def __init__(self, node: Node) -> None:
        super().__init__(cast(ServicePool, connection.Pool(node)), MESSAGES)
        scheduler = node.world.scheduler
        self._clock = SchedulerClock(scheduler)
        self._committer = SingleCommitter(node)
        self.cache_backoff = CacheBackoff(lambda: scheduler.micros / SECOND)

    def open_within(self, now: datetime) -> PgUnitOfWork:
        """A unit of work that is never committed."""
        return self.begin_within(cast(Connection, self.pool), now)
