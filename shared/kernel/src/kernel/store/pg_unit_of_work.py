"""Unit of work on PostgreSQL."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from contracts.envelope import Command, Fact, Message
from contracts.registry import MessageRegistry
from kernel import ids
from kernel.command_routes import PreloadKeys
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.observability.metrics.log import APPENDED
from kernel.postgres.service_pool import ServicePool
from kernel.scheduling.due import TARGET
from kernel.store.cache import AggregateCache
from kernel.store.changes import AfterCommit, Changes, LogRow, StoredResponse, Timer
from kernel.store.key_claims import KeyClaims
from kernel.store.loading import LOG, LOG_FOR_CALLERS, any_stale, any_stale_or_moved, bring_up_to_date
from kernel.store.log_rows import to_log_row
from kernel.store.own_tables import OwnTables
from kernel.store.reactions import NO_REACTIONS, Noted, Reaction
from kernel.store.snapshots.due import DueSnapshots
from kernel.store.writing import Connection

A = TypeVar("A", bound=Aggregate)


class PgUnitOfWork(KeyClaims, OwnTables):
    """Implements ``kernel.unit_of_work.UnitOfWork``. Between messages of a batch ``context`` may change."""

    def __init__(
        self,
        reader: Connection | ServicePool,
        cache: AggregateCache,
        now: datetime,
        messages: MessageRegistry,
        snapshots: DueSnapshots,
        after_commit: Sequence[AfterCommit] = (),
        reactions: Mapping[str, Reaction] = NO_REACTIONS,
        *,
        use_cache: bool = False,
        remember: bool = True,
    ) -> None:
        """``use_cache``: take cached aggregates as they are, without reading the log. The commit compares
        what is appended to them with the log; for aggregates that are only read see ``cache_is_current``.
        ``remember``: False for a run through many aggregates: those that the cache did not have before would
        take the place of others that are used again. ``reactions``: by the types of facts."""
        self._reader = reader
        self._cache = cache
        self._now = now
        self._messages = messages
        self._after_commit = after_commit
        self._reactions = reactions
        self._noted: deque[Noted] = deque()
        self._snapshots = snapshots
        self._cached: list[tuple[Aggregate, int]] = []
        """Aggregates taken from the cache without reading the log, with their versions there."""
        self._remember = remember
        self._passing: set[UUID] = set()
        """Aggregates that are not to be put into the cache."""
        self._context: Context | None = None
        self._aggregates: dict[tuple[str, type[Aggregate], UUID], Aggregate] = {}
        self._opened: list[Aggregate] = []
        """Those opened in the present context: few of a large batch's."""
        self._commands: list[LogRow] = []
        KeyClaims.__init__(self, Changes(), cache.keys, use_cache=use_cache)

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def context(self) -> Context:
        if self._context is None:
            raise RuntimeError("a unit of work needs a context before it reads or decides")
        return self._context

    @property
    def used_cache(self) -> bool:
        """Whether anything was decided from the cache, which may be older than the log."""
        return bool(self._cached or self._remembered_keys)

    @property
    def has_unverified_reads(self) -> bool:
        """Whether a cached aggregate was read and not changed, or the owner of a unique key remembered: the
        commit compares changed aggregates alone."""
        return bool(self._remembered_keys) or any(it.version == version for it, version in self._cached)

    def switch_context(self, context: Context) -> None:
        """Turn what was decided so far into rows with the old context, and continue in this one."""
        self._append_rows(self._opened)
        self._opened.clear()
        self._context = context

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        aggregate = kind.empty(fresh_id)
        aggregate.decide_at(self._now)
        self._aggregates[self.context.tenant, kind, fresh_id] = aggregate
        self._opened.append(aggregate)
        return aggregate

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        aggregate = self._aggregates.get((self.context.tenant, kind, aggregate_id))
        if isinstance(aggregate, kind):
            self._opened.append(aggregate)
            return aggregate
        return (await self.open_many(kind, (aggregate_id,)))[aggregate_id]

    async def cache_is_current(self) -> bool:
        """Whether the log holds no facts above the versions at which aggregates were taken from the cache,
        and unique keys have the owners that were remembered."""
        versions, owners = {it.id: version for it, version in self._cached}, self._remembered_keys
        async with self._connection() as connection:
            if owners:
                return not await any_stale_or_moved(connection, versions, owners, self._log)
            return not await any_stale(connection, versions, self._log)

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        ids = list(ids)
        await self.preload((kind, it) for it in ids)
        found = {it: self._aggregates[self.context.tenant, kind, it] for it in ids}
        self._opened += found.values()
        return {it: aggregate for it, aggregate in found.items() if isinstance(aggregate, kind)}

    async def preload(self, keys: PreloadKeys) -> None:
        """Read many aggregates with one query. Their facts are stored in the order of ``keys``."""
        tenant = self.context.tenant
        missing = [key for key in dict.fromkeys(keys) if (tenant, *key) not in self._aggregates]
        taken = {(kind, it): self._cache.take(tenant, kind, it) for kind, it in missing}
        if not self._remember:
            self._passing.update(it.id for it in taken.values() if not it.exists)
        cached = [it for it in taken.values() if self._use_cache and it.exists]
        unread = [it for it in taken.values() if not (self._use_cache and it.exists)]
        if unread:
            async with self._connection() as connection:
                await bring_up_to_date(connection, tenant, unread, self._messages, self._snapshots, self._log)
        self._cached += [(it, it.version) for it in cached]
        for aggregate in taken.values():
            aggregate.decide_at(self._now)
        self._aggregates |= {(tenant, kind, it): aggregate for (kind, it), aggregate in taken.items()}

    async def preload_for(self, requests: Iterable[tuple[Context, PreloadKeys]]) -> None:
        """Preload for a whole batch: one query for each tenant, however their messages alternate."""
        by_tenant: dict[str, tuple[Context, list[tuple[type[Aggregate], UUID]]]] = {}
        for context, keys in requests:
            by_tenant.setdefault(context.tenant, (context, []))[1].extend(keys)
        for context, keys in by_tenant.values():
            self.switch_context(context)
            await self.preload(keys)

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:
        """Counts as a cached read: if the aggregate exists, the commit fails as for a stale cache."""
        key = self.context.tenant, kind, aggregate_id
        if self._use_cache and key not in self._aggregates:
            aggregate = self._cache.take(*key)
            aggregate.decide_at(self._now)
            self._cached.append((aggregate, aggregate.version))
            self._aggregates[key] = aggregate

    def send(self, command: Command, key: UUID) -> None:
        message_id = ids.new_id()
        self._commands.append(self._row(command, "command", message_id, 1, message_id, key))

    def set_timer(
        self,
        kind: str,
        subject: UUID,
        due_at: datetime,
        payload: Mapping[str, Any] | None = None,
        *,
        target: str = "",
    ) -> None:
        stored = {**(payload or {}), **({TARGET: target} if target else {})}
        self.changes.timers[subject, kind] = Timer.of(self.context, subject, kind, due_at, stored)

    def cancel_timer(self, kind: str, subject: UUID) -> None:
        self.changes.timers[subject, kind] = None

    def set_response(self, response: StoredResponse) -> None:
        self.changes.response = response

    async def react(self) -> None:
        """Decide what follows from the facts within the service; before the last check of what was read."""
        if not self._reactions:
            return
        self._append_rows(self._aggregates.values())
        while self._noted:
            context, fact, aggregate = self._noted.popleft()
            self.switch_context(context)
            await self._reactions[fact.TYPE](fact, aggregate, self)
            self._append_rows(self._opened)

    def collect(self) -> Changes:
        """The changes, with facts as rows of the log before the commands that follow from them."""
        self._append_rows(self._aggregates.values())
        return self.changes

    def _append_rows(self, aggregates: Iterable[Aggregate]) -> None:
        for aggregate in aggregates:
            for fact in aggregate.collect_events():
                if isinstance(fact, Fact):
                    if fact.TYPE in self._reactions:
                        self._noted.append(Noted(self.context, fact, aggregate))
                    stream, version = fact.originator_id, fact.originator_version
                    self.changes.rows.append(self._row(fact, "fact", stream, version, ids.new_id(), stream))
        self.changes.rows += self._commands
        self._commands.clear()

    def _row(
        self, message: Message, kind: str, stream: UUID, version: int, message_id: UUID, key: UUID
    ) -> LogRow:
        topic = self._messages.topic_of[message.TYPE]
        return to_log_row(message, topic, self.context, self._now, kind, stream, version, message_id, key)

    def committed(self) -> None:
        """After the commit: give the aggregates back to the cache, count, and run the hooks."""
        self._snapshots.note_commit(self._aggregates, self.changes.rows)
        self.give_back()
        for kind, count in Counter(row.kind for row in self.changes.rows).items():
            APPENDED.labels(kind).inc(count)
        for hook in self._after_commit:
            hook(self.changes)

    def give_back(self) -> None:
        """Return what exists to the cache. Without a commit: only if nothing was decided."""
        for (tenant, _, _), it in self._aggregates.items():
            if it.exists and it.KEPT_IN_MEMORY and it.id not in self._passing:
                self._cache.give_back(tenant, it)
        self._aggregates.clear()

    @property
    def _log(self) -> str:
        return LOG_FOR_CALLERS if isinstance(self._reader, ServicePool) else LOG

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """The open transaction if there is one, otherwise a connection that sees the tenant's rows alone."""
        if isinstance(self._reader, ServicePool):
            async with self._reader.acquire_for_tenant(self.context.tenant) as connection:
                yield connection
        else:
            yield self._reader
