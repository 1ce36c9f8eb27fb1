"""Handle one batch of records in one transaction, and find the one that spoils it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import structlog
from aiokafka import TopicPartition

from kernel.errors import Conflict, KeyClaimed, OffsetFenced
from kernel.faults import failpoints
from kernel.messaging.batch_transaction import BatchTransaction, note_versions, open_batch
from kernel.messaging.dead_letters.store import close_gaps, log_parked, park, reason_of
from kernel.messaging.deduplication import Parked, Record, deduplicate, read_all
from kernel.messaging.inbound import InboundMessage
from kernel.messaging.offsets import Offset, OffsetStore
from kernel.messaging.transient import is_conflict, is_transient
from kernel.messaging.turns import Turns, behind
from kernel.metrics import CONSUMED
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore, verify_cached_reads
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()

Guard: TypeAlias = "Callable[[Connection], Awaitable[None]]"
"""Raises ``OffsetFenced``, within a batch's transaction, where this process may not take part as it is."""


class Handler(Protocol):
    """What a consumer does with the records of the types it knows."""

    @property
    def scope(self) -> str:
        """Whose records these are when they are parked: the group, or one read model of it."""

    @property
    def types(self) -> frozenset[str]: ...

    async def handle(
        self, batch: Sequence[InboundMessage], session: PgUnitOfWork, connection: Connection
    ) -> None:
        """All of them, in order, as one set where that can be; what is raised spoils the batch."""


@dataclass(slots=True)
class Batch:
    group: str
    handlers: Sequence[Handler]
    store: EventStore
    offsets: OffsetStore
    reached: Mapping[TopicPartition, Offset]
    guard: Guard | None = None
    retry_conflicts: bool = True
    """Whether to try again where somebody else was first, or to park what always comes too late."""
    outcomes: Counter[str] = field(default_factory=Counter)
    sessions: list[PgUnitOfWork] = field(default_factory=list)
    """What has been decided in the transaction so far."""
    aside: list[tuple[str, Parked]] = field(default_factory=list)
    """What has been parked in the transaction so far, with its scope."""

    async def handle(self, records: Sequence[Record]) -> None:
        """Raises what passes by itself; what can never be handled is parked, and the rest goes on."""
        try:
            await self._on_cache_or_log(records)
        except Exception as error:
            if self._will_pass(error):
                raise
            LOG.warning("batch_bisection_started", group=self.group, error=repr(error))
            await self._transaction(records, carefully=True)
        for outcome, count in self.outcomes.items():
            CONSUMED.labels(self.group, outcome).inc(count)
        for scope, it in self.aside:
            log_parked(scope, it)

    async def _on_cache_or_log(self, records: Sequence[Record]) -> None:
        """Decide on cached aggregates first; the commit finds stale ones, and then the log is read."""
        backoff = self.store.cache_backoff
        if self.retry_conflicts and backoff.allows_cache:
            try:
                await self._transaction(records, carefully=False, use_cache=True)
            except (Conflict, KeyClaimed) as conflict:
                if self._used_cache():
                    backoff.note_conflict(conflict)
            else:
                if self._used_cache():
                    backoff.reset()
                return
        await self._transaction(records, carefully=False)

    def _used_cache(self) -> bool:
        return any(it.used_cache for it in self.sessions)

    async def _transaction(
        self, records: Sequence[Record], *, carefully: bool, use_cache: bool = False
    ) -> None:
        for kept in (self.outcomes, self.sessions, self.aside):
            kept.clear()
        readable, unreadable = read_all(records, self.store.messages)
        async with self.store.pool.acquire() as connection:
            async with connection.transaction():
                opened = await self._open(connection, readable)
                failpoints.active and await failpoints.hit("consumer.after_open")
                if not self.retry_conflicts:
                    await connection.execute(ENTER_LOG)  # from here on nobody else can be first
                sifted = deduplicate(readable, unreadable, opened.seen, opened.least_handled())
                self.outcomes["repeated"] = sifted.repeated
                session = self.store.begin_within(connection, opened.now, use_cache=use_cache)
                self.sessions.append(session)
                turns = Turns(self.group, sifted, opened, self.store.messages)
                await turns.look_up_rivals([it.scope for it in self.handlers], connection)
                for handler in self.handlers:
                    await self._dispatch(handler, turns, session, connection, carefully=carefully)
                if sifted.parked:
                    await self._park(self.group, sifted.parked, connection)
                if opened.gaps:
                    await close_gaps(self.group, sifted.versions, connection)
                await note_versions(connection, self.group, sifted.versions)
                await turns.note(self.aside, connection)
                if session.has_unverified_reads:
                    await verify_cached_reads(session)
                await self.store.flush(session, connection)
                failpoints.active and await failpoints.hit("consumer.before_commit")
            failpoints.active and await failpoints.hit("consumer.after_commit")
            for decided in self.sessions:
                decided.committed()

    async def _open(self, connection: Connection, batch: Sequence[InboundMessage]) -> BatchTransaction:
        moves = self.offsets.moves(self.reached)
        scopes = [it.scope for it in self.handlers]
        moved, opened = await open_batch(
            connection, self.group, scopes, moves, self.offsets.cluster_id, batch
        )
        if moved != len(moves):
            raise OffsetFenced(f"{self.group} moved {moved} of {len(moves)} partitions")
        if self.guard:
            await self.guard(connection)
        return opened

    async def _dispatch(
        self,
        handler: Handler,
        turns: Turns,
        session: PgUnitOfWork,
        connection: Connection,
        *,
        carefully: bool,
    ) -> None:
        obeyed = [kind for it in self.handlers for kind in it.types]
        turn = turns.of(handler.scope, handler.types, obeyed)
        self.outcomes["skipped"] += len(turn.skipped) + turn.skipped_behind
        spoiled: set[bytes | None] = set()
        if turn.waiting:
            await self._park(handler.scope, turn.waiting, connection)
        if carefully:
            await self._bisect(handler, turn.free, connection, spoiled)
        elif turn.free:
            await handler.handle(turn.free, session, connection)
            self.outcomes["handled"] += len(turn.free)
        if late := [behind(it) for it in turn.rivals if it.record.key in spoiled]:
            await self._park(handler.scope, late, connection)
        self.outcomes["repeated"] += turn.repeated + len(turn.rivals) - len(late)

    async def _bisect(
        self,
        handler: Handler,
        batch: Sequence[InboundMessage],
        connection: Connection,
        spoiled: set[bytes | None],
    ) -> None:
        """Handle halves of halves until the spoiler stands alone; park it and its key's successors."""
        if waiting := [behind(it) for it in batch if it.record.key in spoiled]:
            await self._park(handler.scope, waiting, connection)
        batch = [it for it in batch if it.record.key not in spoiled]
        if not batch:
            return
        try:
            async with connection.transaction():
                session = self.store.begin_within(connection, await database_now(connection))
                await handler.handle(batch, session, connection)
                await self.store.flush(session, connection)
                failpoints.active and await failpoints.hit("consumer.in_bisect")
            self.sessions.append(session)
            self.outcomes["handled"] += len(batch)
        except Exception as error:
            if self._will_pass(error):
                raise
            if len(batch) == 1:
                reason = reason_of(error)
                if reason == "failed":
                    LOG.error("record_spoils_batch", group=handler.scope, type=batch[0].type, exc_info=error)
                await self._park(
                    handler.scope, [Parked(batch[0].record, batch[0], reason, repr(error))], connection
                )
                spoiled.add(batch[0].record.key)
            else:
                middle = len(batch) // 2
                await self._bisect(handler, batch[:middle], connection, spoiled)
                await self._bisect(handler, batch[middle:], connection, spoiled)

    def _will_pass(self, error: Exception) -> bool:
        return is_transient(error) and (self.retry_conflicts or not is_conflict(error))

    async def _park(self, scope: str, parked: Sequence[Parked], connection: Connection) -> None:
        await park(scope, parked, connection)
        failpoints.active and await failpoints.hit("parked.after_write")
        self.outcomes["parked"] += len(parked)
        self.aside += [(scope, it) for it in parked]
