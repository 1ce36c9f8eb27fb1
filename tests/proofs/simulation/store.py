"""The kernel's event store as it is, on a database in memory and the agenda's clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from kernel.context import Context
from kernel.service_pool import ServicePool
from kernel.store.clock import Clock
from kernel.store.committer import Committer
from kernel.store.event_store import EventStore
from kernel.store.lateness import LATE, TRIES
from kernel.store.save import Save, Taken
from kernel.store.session import Session
from kernel.store.trust import Trust
from kernel.store.writing import Connection
from tests.proofs.simulation.agenda import MS, SECOND, Agenda, pause
from tests.proofs.simulation.database import Along

if TYPE_CHECKING:
    from tests.proofs.simulation.node import Node

R = TypeVar("R")


class AgendaClock(Clock):
    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda

    async def now(self) -> datetime:
        return self._agenda.now


class NodesCommitter(Committer):
    """One save at a time: that many share a transaction changes nothing of what each may do."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def save(self, save: Save) -> None:
        if save:
            await self._node.commit(save)


class SimulatedStore(EventStore):
    def __init__(self, node: Node) -> None:
        super().__init__(cast(ServicePool, node.database))
        agenda = node.world.agenda
        self._clock = AgendaClock(agenda)
        self._committer = NodesCommitter(node)
        self._node = node
        self.memory = Trust(lambda: agenda.micros / SECOND)

    async def run(
        self, context: Context, act: Callable[[Session], Awaitable[R]], taken: Taken | None = None
    ) -> R:
        """As the kernel's, but for the pause between two tries."""
        if self.memory:
            try:
                return await self._once(context, act, taken, remembering=True)
            except LATE:
                pass
        for tried in range(TRIES):
            try:
                return await self._once(context, act, taken)
            except LATE:
                if tried + 1 == TRIES:
                    raise
                await pause(self._node.world.chance.between("second tries", MS, 50 * MS))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def open_within(self, now: datetime, *, remembering: bool) -> Session:
        return self.begin_within(cast(Connection, self._node.database), now, remembering=remembering)

    async def flush_along(self, session: Session, along: Along) -> None:
        """The end of a transaction that changes more than the session has decided."""
        await self._node.commit(self._staged(session), along)
        session.committed()
