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
from kernel.errors import CommitOutcomeUnknown, Conflict
from kernel.faults import failpoints
from kernel.service_pool import ServicePool
from kernel.store.cache import AggregateCache
from kernel.store.cache_backoff import CacheBackoff
from kernel.store.changes import AfterCommit, Changes, FiredTimer
from kernel.store.clock import Clock, database_now
from kernel.store.conflict_retry import CONFLICTS, retry_on_conflict
from kernel.store.group_commit import GroupCommitter
from kernel.store.loading import LOG_FOR_CALLERS, any_stale
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import Connection, write

A = TypeVar("A", bound=Aggregate)
R = TypeVar("R")

BeforeCommit = Callable[[Changes, datetime], None]
"""Told what is about to be stored, and the time: may take timers that are due for itself."""


@dataclass(slots=True)
class Transaction:
    """One that decides again and again; ``decided`` are the sessions that count at its commit."""

    connection: Connection
    now: datetime
    decided: list[PgUnitOfWork] = field(default_factory=list)


class EventStore:
    def __init__(self, pool: ServicePool, messages: MessageRegistry) -> None:
        self.pool = pool
        self.messages = messages
        self.memory = CacheBackoff()
        self._cache = AggregateCache()
        self._clock = Clock(pool)
        self._committer = GroupCommitter(pool)
        self._after_commit: list[AfterCommit] = []
        self._before_commit: list[BeforeCommit] = []

    def add_commit_hooks(self, watcher: AfterCommit, taker: BeforeCommit | None = None) -> None:
        """``taker`` is told before the commit, ``watcher`` behind it."""
        self._after_commit.append(watcher)
        if taker:
            self._before_commit.append(taker)

    async def begin(self, context: Context, *, remembering: bool = False) -> PgUnitOfWork:
        """A unit of work of its own, to be ended by ``commit``; it sees nothing of other tenants."""
        now = await self._clock.now()
        session = PgUnitOfWork(
            self.pool, self._cache, now, self.messages, self._after_commit, remembering=remembering
        )
        session.switch_context(context)
        return session

    def peek(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A | None:
        """The aggregate as this process last knew it, unread: for those who were told just now that it has
        changed here. It must not be kept or changed. None if it is in use."""
        return self._cache.peek(tenant, kind, aggregate_id)

    async def is_stale(self, context: Context, aggregate_id: UUID, known: int) -> bool:
        """Whether the aggregate has come beyond this version, as its tenant sees it."""
        async with self.pool.acquire_for_tenant(context.tenant) as connection:
            return await any_stale(connection, {aggregate_id: known}, LOG_FOR_CALLERS)

    async def commit(self, session: PgUnitOfWork) -> None:
        """Store what the session decided, together with whatever else is being stored at this moment.

        Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest``; the session is of no more use then.
        """
        await self._committer.save(self._staged(session))
        session.committed()

    async def run(
        self, context: Context, act: Callable[[PgUnitOfWork], Awaitable[R]], taken: FiredTimer | None = None
    ) -> R:
        """Decide and commit: by what is in memory, and if that is not as new as the log, by the log, again
        from the beginning for as long as somebody else was first. ``taken``: the timer that is answered."""
        if self.memory:
            try:
                return await self._once(context, act, taken, remembering=True)
            except CONFLICTS:
                pass
        return await retry_on_conflict(lambda: self._once(context, act, taken))

    # failpoint: none needed (append)
    async def _once(
        self,
        context: Context,
        act: Callable[[PgUnitOfWork], Awaitable[R]],
        taken: FiredTimer | None,
        *,
        remembering: bool = False,
    ) -> R:
        session = await self.begin(context, remembering=remembering)
        session.save.fired_timers = taken
        try:
            try:
                result = await act(session)
            except Exception:
                await verify_cached_reads(session)
                raise
            if session.has_unverified_reads:
                await verify_cached_reads(session)
            await self.commit(session)
        except CONFLICTS as late:
            if session.used_cache:
                self.memory.is_bypassed(late)
            raise
        if session.used_cache:
            self.memory.reset()
        return result

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """For what writes more than one session can hold; others learn of it after the commit. Raises
        ``CommitOutcomeUnknown`` if that was not confirmed: it may or may not have happened."""
        is_ending = False
        async with self.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    it = Transaction(connection, await database_now(connection))
                    yield it
                    failpoints.active and await failpoints.hit("transaction.before_commit")
                    is_ending = True
                failpoints.active and await failpoints.hit("transaction.after_commit")
            except Exception as lost:
                if is_ending and is_outage(lost) and not isinstance(lost, asyncpg.TransactionRollbackError):
                    raise CommitOutcomeUnknown(repr(lost)) from lost
                raise
            for session in it.decided:
                session.committed()

    def begin_within(
        self, connection: Connection, now: datetime, *, remembering: bool = False
    ) -> PgUnitOfWork:
        """A unit of work inside a transaction that is already open; ``now`` is the database's time."""
        return PgUnitOfWork(
            connection, self._cache, now, self.messages, self._after_commit, remembering=remembering
        )

    async def flush(self, session: PgUnitOfWork, connection: Connection) -> None:
        """Write what the session decided into the open transaction; it should be the last thing there."""
        if changes := self._staged(session):
            await write(connection, WriteBatch.of([changes]))

    def _staged(self, session: PgUnitOfWork) -> Changes:
        save = session.collect()
        for taker in self._before_commit:
            taker(save, session.now)
        return save


async def verify_cached_reads(session: PgUnitOfWork) -> None:
    """Nothing may be told, or left undone, because of what is not so any more."""
    if session.used_cache and not await session.cache_is_current():
        raise Conflict("decided by a copy that was too old")
