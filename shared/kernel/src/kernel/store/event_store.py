"""The event store: open a unit of work, decide, commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from contracts.registry import MessageRegistry
from kernel.context import Context
from kernel.database import is_outage
from kernel.domain import Aggregate
from kernel.errors import Conflict, Unsettled
from kernel.faults import failpoints
from kernel.service_pool import ServicePool
from kernel.store.cache import AggregateCache
from kernel.store.clock import Clock, database_now
from kernel.store.committer import Committer
from kernel.store.lateness import LATE, persistently
from kernel.store.loading import LOG_FOR_CALLERS, have_moved_on
from kernel.store.pile import Pile
from kernel.store.save import Save, Taken
from kernel.store.session import Session, Watcher
from kernel.store.trust import Trust
from kernel.store.writing import Connection, write

A = TypeVar("A", bound=Aggregate)
R = TypeVar("R")

Taker = Callable[[Save, datetime], None]
"""Told what is about to be stored, and the time: may take timers that are due for itself."""


@dataclass(slots=True)
class Transaction:
    """One that decides again and again; ``decided`` are the sessions that count at its commit."""

    connection: Connection
    now: datetime
    decided: list[Session] = field(default_factory=list)


class EventStore:
    def __init__(self, pool: ServicePool, messages: MessageRegistry) -> None:
        self.pool = pool
        self.messages = messages
        self.memory = Trust()
        self._cache = AggregateCache()
        self._clock = Clock(pool)
        self._committer = Committer(pool)
        self._watchers: list[Watcher] = []
        self._takers: list[Taker] = []

    def watch(self, watcher: Watcher, taker: Taker | None = None) -> None:
        """``taker`` is told before the commit, ``watcher`` behind it."""
        self._watchers.append(watcher)
        if taker:
            self._takers.append(taker)

    async def begin(self, context: Context, *, remembering: bool = False) -> Session:
        """A unit of work of its own, to be ended by ``commit``; it sees nothing of other tenants."""
        now = await self._clock.now()
        session = Session(self.pool, self._cache, now, self.messages, self._watchers, remembering=remembering)
        session.act_for(context)
        return session

    def look_at(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A | None:
        """The aggregate as this process last knew it, unread: for those who were told just now that it has
        changed here. It must not be kept or changed. None if it is in use."""
        return self._cache.look_at(tenant, kind, aggregate_id)

    async def has_moved_on(self, context: Context, aggregate_id: UUID, known: int) -> bool:
        """Whether the aggregate has come beyond this version, as its tenant sees it."""
        async with self.pool.reading_for(context.tenant) as connection:
            return await have_moved_on(connection, {aggregate_id: known}, LOG_FOR_CALLERS)

    async def commit(self, session: Session) -> None:
        """Store what the session decided, together with whatever else is being stored at this moment.

        Raises ``Conflict``, ``Claimed`` or ``KeyTaken``; the session is of no more use then.
        """
        await self._committer.save(self._staged(session))
        session.committed()

    async def run(
        self, context: Context, act: Callable[[Session], Awaitable[R]], taken: Taken | None = None
    ) -> R:
        """Decide and commit: by what is in memory, and if that is not as new as the log, by the log, again
        from the beginning for as long as somebody else was first. ``taken``: the timer that is answered."""
        if self.memory:
            try:
                return await self._once(context, act, taken, remembering=True)
            except LATE:
                pass
        return await persistently(lambda: self._once(context, act, taken))

    # failpoint: none needed (append)
    async def _once(
        self,
        context: Context,
        act: Callable[[Session], Awaitable[R]],
        taken: Taken | None,
        *,
        remembering: bool = False,
    ) -> R:
        session = await self.begin(context, remembering=remembering)
        session.save.taken = taken
        try:
            try:
                result = await act(session)
            except Exception:
                await check_memory(session)
                raise
            if session.rests_on_memory:
                await check_memory(session)
            await self.commit(session)
        except LATE as late:
            if session.remembers:
                self.memory.lost(late)
            raise
        if session.remembers:
            self.memory.was_right()
        return result

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """For what writes more than one session can hold; others learn of it after the commit. Raises
        ``Unsettled`` if that was not confirmed: it may or may not have happened."""
        is_ending = False
        async with self.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    it = Transaction(connection, await database_now(connection))
                    yield it
                    failpoints.active and await failpoints.reach("transaction.before_commit")
                    is_ending = True
                failpoints.active and await failpoints.reach("transaction.after_commit")
            except Exception as lost:
                if is_ending and is_outage(lost) and not isinstance(lost, asyncpg.TransactionRollbackError):
                    raise Unsettled(repr(lost)) from lost
                raise
            for session in it.decided:
                session.committed()

    def begin_within(self, connection: Connection, now: datetime, *, remembering: bool = False) -> Session:
        """A unit of work inside a transaction that is already open; ``now`` is the database's time."""
        return Session(connection, self._cache, now, self.messages, self._watchers, remembering=remembering)

    async def flush(self, session: Session, connection: Connection) -> None:
        """Write what the session decided into the open transaction; it should be the last thing there."""
        await write(connection, Pile.of([self._staged(session)]))

    def _staged(self, session: Session) -> Save:
        save = session.stage()
        for taker in self._takers:
            taker(save, session.now)
        return save


async def check_memory(session: Session) -> None:
    """Nothing may be told, or left undone, because of what is not so any more."""
    if session.remembers and not await session.memory_was_right():
        raise Conflict("decided by a copy that was too old")
