"""Event store: opens units of work and commits them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from contracts.registry import MessageRegistry
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.errors import CommitOutcomeUnknown, Conflict
from kernel.faults import failpoints
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool
from kernel.store.cache import AggregateCache
from kernel.store.cache_backoff import CacheBackoff
from kernel.store.changes import AfterCommit, Changes, LeasedTimer
from kernel.store.clock import Clock, database_now
from kernel.store.conflict_counting import count_conflict
from kernel.store.conflict_retry import CONFLICTS, retry_on_conflict
from kernel.store.group_commit import GroupCommitter
from kernel.store.loading import LOG_FOR_CALLERS, any_stale
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.reactions import Reaction
from kernel.store.snapshots.due import DEFAULT_SNAPSHOT_FACTS, DueSnapshots
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import Connection, write

A = TypeVar("A", bound=Aggregate)
R = TypeVar("R")

BeforeCommit = Callable[[Changes, datetime], None]
"""Gets the changes that are about to be stored, and the time; may lease timers that are due."""


@dataclass(slots=True)
class Transaction:
    """An open transaction that holds several units of work."""

    connection: Connection
    now: datetime
    units_of_work: list[PgUnitOfWork] = field(default_factory=list)
    """Those that count as committed once the transaction has ended."""


class EventStore:
    def __init__(
        self, pool: ServicePool, messages: MessageRegistry, snapshot_facts: int = DEFAULT_SNAPSHOT_FACTS
    ) -> None:
        """``snapshot_facts``: from one snapshot of a stream to the next; 0: no snapshots."""
        self.pool = pool
        self.messages = messages
        self.due_snapshots = DueSnapshots(snapshot_facts)
        self.cache_backoff = CacheBackoff()
        self._cache = AggregateCache()
        self._clock = Clock(pool)
        self._committer = GroupCommitter(pool)
        self._after_commit: list[AfterCommit] = []
        self._before_commit: list[BeforeCommit] = []
        self._reactions: dict[str, Reaction] = {}

    def add_commit_hooks(self, after_commit: AfterCommit, before_commit: BeforeCommit | None = None) -> None:
        """``before_commit`` gets the pending changes; ``after_commit`` runs once they are stored."""
        self._after_commit.append(after_commit)
        if before_commit:
            self._before_commit.append(before_commit)

    def react(self, reactions: Mapping[str, Reaction]) -> None:
        """From now on each unit of work that records a fact of these types decides what follows from it."""
        self._reactions |= reactions

    def forget_time(self) -> None:
        """The next unit of work asks the database for the time, because its clock has been moved."""
        self._clock.forget()

    def forget_aggregates(self) -> None:
        """The next unit of work reads the log, because it may have been brought back to an earlier moment."""
        self._cache = AggregateCache()
        self.forget_time()

    async def now(self) -> datetime:
        """The database's time, as a unit of work that begins now would have it."""
        return await self._clock.now()

    async def begin(self, context: Context, *, use_cache: bool = False) -> PgUnitOfWork:
        """A unit of work of its own, to be ended by ``commit``; it sees one tenant's rows alone."""
        now = await self.now()
        work = self._unit_of_work(self.pool, now, use_cache=use_cache)
        work.switch_context(context)
        return work

    def peek(self, tenant: str, kind: type[A], aggregate_id: UUID) -> A | None:
        """The cached aggregate, without reading the log: for callers that know that it has just changed in
        this process. It must not be kept or changed. None if a unit of work has it."""
        return self._cache.peek(tenant, kind, aggregate_id)

    async def is_stale(self, context: Context, aggregate_id: UUID, version: int) -> bool:
        """Whether the context's tenant has facts of the aggregate above this version."""
        async with self.pool.acquire_for_tenant(context.tenant) as connection:
            return await any_stale(connection, {aggregate_id: version}, LOG_FOR_CALLERS)

    # failpoint: none needed (append)
    async def commit(self, work: PgUnitOfWork) -> None:
        """Store what the unit of work decided, by group commit.

        Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest``; the unit of work cannot be used then.
        """
        await work.react()
        await self._committer.commit(self._collected(work))
        work.committed()

    async def run(
        self, context: Context, act: Callable[[PgUnitOfWork], Awaitable[R]], leased: LeasedTimer | None = None
    ) -> R:
        """Run ``act`` in a unit of work and commit: first on cached aggregates, and after a conflict on what
        the log says, again from the beginning as long as other writers are first.

        ``leased``: the timer whose outbound call this unit of work answers.
        """
        if self.cache_backoff.allows_cache:
            try:
                return await self._once(context, act, leased, use_cache=True)
            except CONFLICTS:
                pass
        return await retry_on_conflict(lambda: self._once(context, act, leased))

    async def preview(
        self, context: Context, act: Callable[[PgUnitOfWork], Awaitable[R]]
    ) -> tuple[R, Changes]:
        """Run ``act`` on what the log says, and return what it would store. Nothing is stored: a unit of work
        only reads until its commit. Unique keys that it would claim are not compared."""
        work = await self.begin(context)
        result = await act(work)
        await work.react()
        return result, work.collect()

    # failpoint: none needed (append)
    async def _once(
        self,
        context: Context,
        act: Callable[[PgUnitOfWork], Awaitable[R]],
        leased: LeasedTimer | None,
        *,
        use_cache: bool = False,
    ) -> R:
        work = await self.begin(context, use_cache=use_cache)
        work.changes.leased_timer = leased
        try:
            try:
                result = await act(work)
                await work.react()
            except Exception:
                await verify_cached_reads(work)
                raise
            if work.has_unverified_reads:
                await verify_cached_reads(work)
            await self.commit(work)
        except CONFLICTS as conflict:
            if work.used_cache:
                self.cache_backoff.note_conflict(conflict)
            raise
        if work.used_cache:
            self.cache_backoff.reset()
        return result

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction for several units of work; the commit hooks run after it. Raises
        ``CommitOutcomeUnknown`` if the commit was not confirmed: it may or may not have happened."""
        is_ending = False
        async with self.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    transaction = Transaction(connection, await database_now(connection))
                    yield transaction
                    failpoints.active and await failpoints.hit("transaction.before_commit")
                    is_ending = True
                failpoints.active and await failpoints.hit("transaction.after_commit")
            except Exception as error:
                if is_ending and is_outage(error) and not isinstance(error, asyncpg.TransactionRollbackError):
                    raise CommitOutcomeUnknown(repr(error)) from error
                raise
            for work in transaction.units_of_work:
                work.committed()

    def begin_within(
        self, connection: Connection, now: datetime, *, use_cache: bool = False, remember: bool = True
    ) -> PgUnitOfWork:
        """A unit of work inside a transaction that is already open; ``now`` is the database's time.
        ``remember``: False for a run through many aggregates, see ``PgUnitOfWork``."""
        return self._unit_of_work(connection, now, use_cache=use_cache, remember=remember)

    def _unit_of_work(
        self, reader: Connection | ServicePool, now: datetime, *, use_cache: bool, remember: bool = True
    ) -> PgUnitOfWork:
        shared = self._cache, now, self.messages, self.due_snapshots, self._after_commit, self._reactions
        return PgUnitOfWork(reader, *shared, use_cache=use_cache, remember=remember)

    async def flush(self, work: PgUnitOfWork, connection: Connection) -> None:
        """Write what the unit of work decided into the open transaction, as the last statement in it."""
        await work.react()
        if changes := self._collected(work):
            try:
                await write(connection, WriteBatch.of([changes]))
            except Exception as error:
                count_conflict(error)
                raise

    def _collected(self, work: PgUnitOfWork) -> Changes:
        changes = work.collect()
        for hook in self._before_commit:
            hook(changes, work.now)
        return changes


async def verify_cached_reads(work: PgUnitOfWork) -> None:
    """Raises ``Conflict`` if an aggregate was taken from the cache and is stale: a result or a refusal must
    not rest on it."""
    if work.used_cache and not await work.cache_is_current():
        raise Conflict("decided from a stale cache entry")
