"""Handle one batch of records in one transaction; search it for the record that makes it fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import structlog
from aiokafka import TopicPartition

from kernel.errors import Conflict, KeyClaimed, OffsetFenced
from kernel.faults import failpoints
from kernel.messaging.batch_tracing import traced
from kernel.messaging.batch_transaction import BatchTransaction, note_versions, open_batch
from kernel.messaging.dead_letters.store import close_gaps, log_parked, park, reason_of
from kernel.messaging.deduplication import NewDeadLetter, Received, deduplicate
from kernel.messaging.dispatch import DispatchPlan, blocked_dead_letter
from kernel.messaging.inbound import InboundMessage
from kernel.messaging.offsets import Offset, OffsetStore
from kernel.messaging.outcomes import Outcomes
from kernel.messaging.transient import is_conflict, is_transient
from kernel.observability.metrics.consumers import PARKED, RECORDS
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore, verify_cached_reads
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()

Guard: TypeAlias = "Callable[[Connection], Awaitable[None]]"
"""Raises ``OffsetFenced``, within a batch's transaction, if this process may not take part as it is."""


class Handler(Protocol):
    """Handles the messages of some types for a consumer group."""

    @property
    def scope(self) -> str:
        """The name under which it deduplicates and parks: the group's, or that of one read model."""

    @property
    def types(self) -> frozenset[str]: ...

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        """Handle all of them, in order, together if possible. Whatever it raises fails the batch."""


@dataclass(slots=True)
class Batch:
    group: str
    handlers: Sequence[Handler]
    store: EventStore
    offsets: OffsetStore
    new_offsets: Mapping[TopicPartition, Offset]
    guard: Guard | None = None
    retry_conflicts: bool = True
    """Whether to raise a conflict, so that the batch is retried, or to park the record that conflicts."""
    outcomes: Outcomes = field(default_factory=Outcomes)
    units_of_work: list[PgUnitOfWork] = field(default_factory=list)
    """Those of the transaction so far."""
    parked: list[tuple[str, NewDeadLetter]] = field(default_factory=list)
    """Scope and dead letter, of the transaction so far."""

    async def handle(self, received: Received) -> None:
        """Raises transient errors. A record that can never be handled is parked, and the others are
        handled."""
        with traced(self.group, received[0]):
            try:
                await self._handle_cached_first(received)
            except Exception as error:
                if self._is_transient(error):
                    raise
                LOG.warning("batch_bisection_started", group=self.group, error=repr(error))
                await self._run_transaction(received, bisect=True)

    async def _handle_cached_first(self, received: Received) -> None:
        """Decide on cached aggregates first; the commit finds stale ones, and then the log is read."""
        backoff = self.store.cache_backoff
        if self.retry_conflicts and backoff.allows_cache:
            try:
                await self._run_transaction(received, bisect=False, use_cache=True)
            except (Conflict, KeyClaimed) as conflict:
                if self._used_cache():
                    backoff.note_conflict(conflict)
            else:
                if self._used_cache():
                    backoff.reset()
                return
        await self._run_transaction(received, bisect=False)

    def _used_cache(self) -> bool:
        return any(work.used_cache for work in self.units_of_work)

    async def _run_transaction(self, received: Received, *, bisect: bool, use_cache: bool = False) -> None:
        self.outcomes = Outcomes()
        self.units_of_work.clear()
        self.parked.clear()
        readable, unreadable = received
        async with self.store.pool.acquire() as connection:
            async with connection.transaction():
                opened = await self._open(connection, readable)
                failpoints.active and await failpoints.hit("consumer.after_open")
                if not self.retry_conflicts:
                    await connection.execute(ENTER_LOG)  # excludes all other writers: no more conflicts
                deduplicated = deduplicate(readable, unreadable, opened.seen, opened.least_handled())
                self.outcomes.repeats = deduplicated.repeated
                work = self.store.begin_within(connection, opened.now, use_cache=use_cache)
                self.units_of_work.append(work)
                plan = DispatchPlan(self.group, deduplicated, opened, self.store.messages)
                await plan.load_parked([handler.scope for handler in self.handlers], connection)
                for handler in self.handlers:
                    await self._dispatch(handler, plan, work, connection, bisect=bisect)
                if deduplicated.parked:
                    await self._park(self.group, deduplicated.parked, connection)
                if opened.gaps:
                    await close_gaps(self.group, deduplicated.versions, connection)
                await note_versions(connection, self.group, deduplicated.versions, opened.seen)
                await plan.store_handled(self.parked, connection)
                await work.react()
                if work.has_unverified_reads:
                    await verify_cached_reads(work)
                await self.store.flush(work, connection)
                failpoints.active and await failpoints.hit("consumer.before_commit")
            failpoints.active and await failpoints.hit("consumer.after_commit")
            self._report_commit()

    def _report_commit(self) -> None:
        """Counts and logs only what was committed: the transaction may have run several times before."""
        for work in self.units_of_work:
            work.committed()
        for outcome, count in self.outcomes.counts().items():
            RECORDS.labels(self.group, outcome).inc(count)
        for scope, dead_letter in self.parked:
            PARKED.labels(scope, dead_letter.reason).inc()
            log_parked(scope, dead_letter)

    async def _open(self, connection: Connection, batch: Sequence[InboundMessage]) -> BatchTransaction:
        moves = self.offsets.moves(self.new_offsets)
        scopes = [handler.scope for handler in self.handlers]
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
        plan: DispatchPlan,
        work: PgUnitOfWork,
        connection: Connection,
        *,
        bisect: bool,
    ) -> None:
        group_types = [type_ for each in self.handlers for type_ in each.types]
        share = plan.share_of(handler.scope, handler.types, group_types)
        self.outcomes.note("skipped", share.skipped)
        self.outcomes.note("skipped", share.skipped_behind)
        poisoned_keys: set[bytes | None] = set()
        if share.to_park:
            await self._park(handler.scope, share.to_park, connection)
        if bisect:
            await self._bisect(handler, share.to_handle, connection, poisoned_keys)
        elif share.to_handle:
            await handler.handle(share.to_handle, work, connection)
            self.outcomes.note("handled", share.to_handle)
        blocked = [
            blocked_dead_letter(message)
            for message in share.alternatives
            if message.record.key in poisoned_keys
        ]
        if blocked:
            await self._park(handler.scope, blocked, connection)
        self.outcomes.note("repeated", share.repeated)
        self.outcomes.note("repeated", share.alternatives)

    async def _bisect(
        self,
        handler: Handler,
        batch: Sequence[InboundMessage],
        connection: Connection,
        poisoned_keys: set[bytes | None],
    ) -> None:
        """Handle halves of halves until a failing record is alone; park it and the later ones of its key."""
        blocked = [blocked_dead_letter(message) for message in batch if message.record.key in poisoned_keys]
        if blocked:
            await self._park(handler.scope, blocked, connection)
        batch = [message for message in batch if message.record.key not in poisoned_keys]
        if not batch:
            return
        try:
            async with connection.transaction():
                work = self.store.begin_within(connection, await database_now(connection))
                await handler.handle(batch, work, connection)
                await self.store.flush(work, connection)
                failpoints.active and await failpoints.hit("consumer.in_bisect")
            self.units_of_work.append(work)
            self.outcomes.note("handled", batch)
        except Exception as error:
            if self._is_transient(error):
                raise
            if len(batch) == 1:
                await self._park(handler.scope, [self._dead_letter_of(handler, batch[0], error)], connection)
                poisoned_keys.add(batch[0].record.key)
            else:
                middle = len(batch) // 2
                await self._bisect(handler, batch[:middle], connection, poisoned_keys)
                await self._bisect(handler, batch[middle:], connection, poisoned_keys)

    def _dead_letter_of(self, handler: Handler, message: InboundMessage, error: Exception) -> NewDeadLetter:
        reason = reason_of(error)
        if reason == "failed":
            LOG.error("poison_record", group=handler.scope, type=message.type, exc_info=error)
        return NewDeadLetter(message.record, message, reason, repr(error))

    def _is_transient(self, error: Exception) -> bool:
        return is_transient(error) and (self.retry_conflicts or not is_conflict(error))

    async def _park(self, scope: str, parked: Sequence[NewDeadLetter], connection: Connection) -> None:
        await park(scope, parked, connection)
        failpoints.active and await failpoints.hit("parked.after_write")
        self.outcomes.note("parked", parked)
        self.parked += [(scope, dead_letter) for dead_letter in parked]
