"""One unit of work on the real store."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from contracts.envelope import Command, Fact, Message
from contracts.registry import MessageRegistry
from kernel import ids
from kernel.command_routes import PreloadKey
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.errors import KeyClaimed
from kernel.metrics import APPENDED
from kernel.service_pool import ServicePool
from kernel.store.cache import AggregateCache
from kernel.store.changes import AfterCommit, Changes, KeyClaim, LogRow, StoredResponse, Timer
from kernel.store.loading import LOG, LOG_FOR_CALLERS, any_stale, bring_up_to_date
from kernel.store.log_rows import to_log_row
from kernel.store.writing import Connection

A = TypeVar("A", bound=Aggregate)

HOLDER = "SELECT holder FROM claims WHERE tenant = $1 AND kind = $2 AND value = $3"


class PgUnitOfWork:
    """Implements ``kernel.unit_of_work.UnitOfWork``. Between messages of a batch ``context`` may change."""

    def __init__(
        self,
        reader: Connection | ServicePool,
        cache: AggregateCache,
        now: datetime,
        messages: MessageRegistry,
        watchers: Sequence[AfterCommit] = (),
        *,
        remembering: bool = False,
    ) -> None:
        """``remembering``: aggregates that are in memory are taken as they were left there, unread. What is
        appended to them is compared with the log; for anything else see ``cache_is_current``."""
        self._reader = reader
        self._cache = cache
        self._now = now
        self._messages = messages
        self._watchers = watchers
        self._remembering = remembering
        self._cached: list[tuple[Aggregate, int]] = []
        self._context: Context | None = None
        self._open: dict[tuple[str, type[Aggregate], UUID], Aggregate] = {}
        self._in_use: list[Aggregate] = []
        """Those that were opened in the present context: of a large batch they are few."""
        self._commands: list[LogRow] = []
        self._unverified_keys: set[tuple[str, str, str]] = set()
        """Names that were claimed without a look."""
        self.save = Changes()

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def context(self) -> Context:
        if self._context is None:
            raise RuntimeError("a session does nothing before it knows on whose behalf")
        return self._context

    @property
    def used_cache(self) -> bool:
        """Whether anything was decided by what memory says: it may be older than the log."""
        return bool(self._cached)

    @property
    def has_unverified_reads(self) -> bool:
        """Whether something was looked at in memory alone and left as it is. What was changed is compared
        with the log when it is appended; this never would be."""
        return any(aggregate.version == version for aggregate, version in self._cached)

    def switch_context(self, context: Context) -> None:
        """Stamp what was decided so far with the old context, and continue in this one."""
        self._stage(self._in_use)
        self._in_use.clear()
        self._context = context

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        aggregate = kind.empty(fresh_id)
        self._open[self.context.tenant, kind, fresh_id] = aggregate
        self._in_use.append(aggregate)
        return aggregate

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        known = self._open.get((self.context.tenant, kind, aggregate_id))
        if isinstance(known, kind):
            self._in_use.append(known)
            return known
        return (await self.open_many(kind, (aggregate_id,)))[aggregate_id]

    async def cache_is_current(self) -> bool:
        """Whether the log holds no more of those aggregates than memory did."""
        known = {it.id: version for it, version in self._cached}
        async with self._connection() as connection:
            return not await any_stale(connection, known, self._log)

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        wanted = list(ids)
        await self.preload((kind, it) for it in wanted)
        tenant = self.context.tenant
        found = {it: self._open[tenant, kind, it] for it in wanted}
        self._in_use += found.values()
        return {it: aggregate for it, aggregate in found.items() if isinstance(aggregate, kind)}

    async def preload(self, wanted: PreloadKey) -> None:
        """Read many aggregates with one query. Their facts are stored in the order of ``wanted``."""
        tenant = self.context.tenant
        missing = [key for key in dict.fromkeys(wanted) if (tenant, *key) not in self._open]
        taken = {(kind, it): self._cache.take(tenant, kind, it) for kind, it in missing}
        remembered = [it for it in taken.values() if self._remembering and it.exists]
        unread = [it for it in taken.values() if not (self._remembering and it.exists)]
        if unread:
            async with self._connection() as connection:
                await bring_up_to_date(connection, tenant, unread, self._messages, self._log)
        self._cached += [(it, it.version) for it in remembered]
        self._open |= {(tenant, kind, it): aggregate for (kind, it), aggregate in taken.items()}

    async def preload_for(self, callers: Iterable[tuple[Context, PreloadKey]]) -> None:
        """The same for all that a batch needs: one query a tenant, however their messages alternate."""
        of_tenant: dict[str, tuple[Context, list[tuple[type[Aggregate], UUID]]]] = {}
        for context, needed in callers:
            of_tenant.setdefault(context.tenant, (context, []))[1].extend(needed)
        for context, needed in of_tenant.values():
            self.switch_context(context)
            await self.preload(needed)

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:
        """One that is there after all is a memory that was wrong."""
        place = self.context.tenant, kind, aggregate_id
        if self._remembering and place not in self._open:
            blank = self._cache.take(*place)
            self._cached.append((blank, blank.version))
            self._open[place] = blank

    def send(self, command: Command, key: UUID) -> None:
        message_id = ids.new_id()
        self._commands.append(self._row(command, "command", message_id, 1, message_id, key))

    def set_timer(
        self, kind: str, subject: UUID, due_at: datetime, payload: Mapping[str, Any] | None = None
    ) -> None:
        it = self.context
        self.save.timers[subject, kind] = Timer(
            subject,
            kind,
            it.tenant,
            due_at,
            payload or {},
            it.correlation_id,
            it.causation_id,
            it.traceparent,
            it.occurred_at,
        )

    def cancel_timer(self, kind: str, subject: UUID) -> None:
        self.save.timers[subject, kind] = None

    def claim_key(self, kind: str, value: str, holder: UUID) -> None:
        name = self.context.tenant, kind, value
        pending = self.save.claimed_keys.setdefault(name, KeyClaim(*name, holder))
        if pending.holder != holder:
            raise KeyClaimed(kind, value, pending.holder)

    async def try_claim_key(self, kind: str, value: str, holder: UUID) -> UUID | None:
        name = self.context.tenant, kind, value
        unseen = (
            self._remembering and name not in self.save.claimed_keys and name not in self.save.released_keys
        )
        first = None if unseen else await self.owner_of_key(kind, value)
        if first is None:
            self.claim_key(kind, value, holder)
            if unseen:
                self._unverified_keys.add(name)
        return first

    def release_key(self, kind: str, value: str) -> None:
        name = self.context.tenant, kind, value
        pending = self.save.claimed_keys.pop(name, None)
        if pending and name in self._unverified_keys:
            # whose it is nobody has looked: it must be another's, or else the commit would never compare
            raise KeyClaimed(kind, value, pending.holder)
        self.save.released_keys.add(name)

    async def owner_of_key(self, kind: str, value: str) -> UUID | None:
        name = self.context.tenant, kind, value
        if pending := self.save.claimed_keys.get(name):
            return pending.holder
        if name in self.save.released_keys:
            return None
        async with self._connection() as connection:
            found: UUID | None = await connection.fetchval(HOLDER, *name)
            return found

    def answer(self, answer: StoredResponse) -> None:
        self.save.answer = answer

    def collect(self) -> Changes:
        """Turn what was decided into rows of the log: facts, then the commands that follow from them."""
        self._stage(self._open.values())
        return self.save

    def _stage(self, aggregates: Iterable[Aggregate]) -> None:
        for aggregate in aggregates:
            for fact in aggregate.collect_events():
                if isinstance(fact, Fact):
                    stream, version = fact.originator_id, fact.originator_version
                    self.save.rows.append(self._row(fact, "fact", stream, version, ids.new_id(), stream))
        self.save.rows += self._commands
        self._commands.clear()

    def _row(self, it: Message, kind: str, stream: UUID, version: int, message_id: UUID, key: UUID) -> LogRow:
        topic = self._messages.topic_of[it.TYPE]
        return to_log_row(it, topic, self.context, self._now, kind, stream, version, message_id, key)

    def committed(self) -> None:
        """What this session has read and decided is the truth: others may use it."""
        for (tenant, _, _), aggregate in self._open.items():
            if aggregate.exists:  # of what does not exist there is nothing to remember
                self._cache.give_back(tenant, aggregate)
        self._open.clear()
        for kind, count in Counter(row.kind for row in self.save.rows).items():
            APPENDED.labels(kind).inc(count)
        for watcher in self._watchers:
            watcher(self.save)

    @property
    def _log(self) -> str:
        return LOG_FOR_CALLERS if isinstance(self._reader, ServicePool) else LOG

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """In a transaction that many tenants may share, as the service; otherwise as the tenant alone."""
        if isinstance(self._reader, ServicePool):
            async with self._reader.acquire_for_tenant(self.context.tenant) as connection:
                yield connection
        else:
            yield self._reader
