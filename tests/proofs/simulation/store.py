"""The kernel's event store on a connection in memory and the scheduler's clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, cast

from contracts.topics import MESSAGES
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.cache_backoff import CacheBackoff
from kernel.store.changes import Changes
from kernel.store.clock import Clock
from kernel.store.event_store import EventStore
from kernel.store.group_commit import GroupCommitter
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.snapshots.writer import SnapshotWriter
from kernel.store.writing import Connection
from tests.proofs.simulation import connection
from tests.proofs.simulation.scheduler import SECOND, Scheduler

if TYPE_CHECKING:
    from tests.proofs.simulation.node import Node


SNAPSHOT_FACTS = 0, 1, 3
"""Facts between two snapshots, drawn at each start of a process; 0: none."""


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
        every = node.world.random.of("snapshots").choice(SNAPSHOT_FACTS)
        super().__init__(cast(ServicePool, connection.Pool(node)), MESSAGES, every)
        self._snapshots = SnapshotWriter(self, Heartbeats())
        self.add_commit_hooks(self._make_snapshots)
        scheduler = node.world.scheduler
        self._clock = SchedulerClock(scheduler)
        self._committer = SingleCommitter(node)
        self.cache_backoff = CacheBackoff(lambda: scheduler.micros / SECOND)

    def _make_snapshots(self, _: Changes) -> None:
        """Make those that are due at once: the writer's statements take no time here."""
        if self.due_snapshots:
            with suppress(StopIteration):
                self._snapshots.round().send(None)
                raise AssertionError("a round of snapshots has waited")

    def open_within(self, now: datetime) -> PgUnitOfWork:
        """A unit of work that is never committed."""
        return self.begin_within(cast(Connection, self.pool), now)
