"""Fire durable timers: each once, in one transaction with all its effects, also after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from asyncpg import Record

from kernel import waiting
from kernel.context import Context
from kernel.faults import failpoints
from kernel.messaging.transient import is_transient
from kernel.observability import tracing
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.scheduling import TIMERS_FIRED
from kernel.postgres.connections import is_outage
from kernel.scheduling.due import COLUMNS, DUE_IN_TURN
from kernel.service.runtime import run_forever
from kernel.store.changes import LeasedTimer
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

LOG = structlog.get_logger()
BEAT = "timers"
MAX_BATCH = 100
MAX_SLEEP_SECONDS = 1.0
MAX_RETRY_DELAY_SECONDS = 300

DUE = f"{DUE_IN_TURN} SELECT {COLUMNS} FROM in_turn ORDER BY due_at"  # noqa: S608  # constants
FIRED = """
    DELETE FROM timers t USING unnest($1::uuid[], $2::text[]) AS fired (subject, kind)
    WHERE t.subject = fired.subject AND t.kind = fired.kind
"""
RESCHEDULE = """
    UPDATE timers SET attempts = attempts + 1,
        due_at = feira_now() + $3 * interval '1 second'
    WHERE subject = $1 AND kind = $2 AND due_at = $4
"""


@dataclass(frozen=True, slots=True)
class DueTimer:
    subject: UUID
    kind: str
    due_at: datetime
    payload: Mapping[str, Any]
    attempts: int
    context: Context

    @property
    def lease(self) -> LeasedTimer:
        """Identifies this timer, as against one that was set in its place meanwhile."""
        return LeasedTimer(self.subject, self.kind, self.due_at)


def retry_delay(attempts: int) -> int:
    """Seconds until a timer is tried again that has failed now, and ``attempts`` times before."""
    return int(min(MAX_RETRY_DELAY_SECONDS, 2 ** min(attempts, 16)))


TimerHandler = Callable[[DueTimer, PgUnitOfWork], Awaitable[None]]


class Timers:
    """The loop that fires due timers. A handler whose timer is obsolete does nothing."""

    def __init__(
        self, service: str, handlers: Mapping[str, TimerHandler], store: EventStore, heartbeats: Heartbeats
    ) -> None:
        expose(Part.TIMERS)
        self._service = service
        self._handlers = handlers
        self._store = store
        self._heartbeats = heartbeats
        self._wake = asyncio.Event()
        heartbeats.register(BEAT)

    def wake(self) -> None:
        """Look for due timers at once: the clock has been moved."""
        self._wake.set()

    async def run(self) -> None:
        self._heartbeats.started(BEAT)
        await run_forever(
            self._fire_batch,
            pause=self._rest,
            beat=lambda: self._heartbeats.beat(BEAT),
        )

    async def _fire_batch(self) -> bool:
        """True if there may be more due timers."""
        try:
            fired = await self.fire(MAX_BATCH)
        except Exception as error:
            if not is_transient(error):
                LOG.exception("timer_batch_failed")
            fired = await self._fire_one_by_one()
        return fired > 0

    async def _rest(self) -> None:
        await waiting.jitter_or(self._wake, MAX_SLEEP_SECONDS / 2, MAX_SLEEP_SECONDS)
        self._wake.clear()

    async def _fire_one_by_one(self) -> int:
        """One failing timer must not block the others. Returns how many were tried."""
        for count in range(MAX_BATCH):
            try:
                if not await self.fire(1):
                    return count
            except Exception as error:
                LOG.warning("timer_retried", error=repr(error))
                if is_outage(error):
                    return 0
        return MAX_BATCH

    # failpoint: 2 calls
    async def fire(self, limit: int) -> int:
        """Fire at most ``limit`` due timers in one transaction, in the order of their due times; return how
        many.

        Raises what a handler raises; if only one timer was due, it is rescheduled first.
        """
        async with self._store.pool.acquire() as connection:
            due: Sequence[DueTimer] = ()
            fired: Sequence[DueTimer] = ()
            try:
                async with connection.transaction():
                    rows = await connection.fetch(DUE, list(self._handlers), limit, limit, [], [], [], [])
                    due = [due_timer(row, self._service) for row in rows]
                    work, fired = await self._fire_within(connection, due)
                if fired:
                    failpoints.active and await failpoints.hit("timer.after_commit")
            except Exception:
                if len(due) == 1:
                    delay = retry_delay(due[0].attempts)
                    failed = due[0]
                    await connection.execute(RESCHEDULE, failed.subject, failed.kind, delay, failed.due_at)
                    failpoints.active and await failpoints.hit("timer.after_put_off")
                raise
            work.committed()
            for timer in fired:
                TIMERS_FIRED.labels(timer.kind).inc()
        return len(fired)

    async def _fire_within(
        self, connection: Connection, due: Sequence[DueTimer]
    ) -> tuple[PgUnitOfWork, Sequence[DueTimer]]:
        work = self._store.begin_within(connection, await database_now(connection))
        fired: list[DueTimer] = []
        if due:
            failpoints.active and await failpoints.hit("timer.after_claim")
            for timer in due:
                if self._has_set_an_earlier_one(work, timer):
                    break  # that one comes first; the rest of this batch stays due
                await self._handle(timer, work)
                fired.append(timer)
            await connection.execute(FIRED, [it.subject for it in fired], [it.kind for it in fired])
            await self._store.flush(work, connection)
            failpoints.active and await failpoints.hit("timer.before_commit")
        return work, fired

    async def _handle(self, timer: DueTimer, work: PgUnitOfWork) -> None:
        with tracing.span(
            f"timer {timer.kind}",
            "internal",
            parent=timer.context.traceparent,
            attributes={"feira.timer.kind": timer.kind},
        ) as span:
            work.switch_context(replace(timer.context, traceparent=span.traceparent))
            await self._handlers[timer.kind](timer, work)

    def _has_set_an_earlier_one(self, work: PgUnitOfWork, than: DueTimer) -> bool:
        return any(
            timer and timer.kind in self._handlers and timer.due_at < than.due_at
            for timer in work.changes.timers.values()
        )


def due_timer(row: Record | Mapping[str, Any], service: str) -> DueTimer:
    return DueTimer(
        subject=row["subject"],
        kind=row["kind"],
        due_at=row["due_at"],
        payload=row["payload"],
        attempts=row["attempts"],
        context=Context(
            tenant=row["tenant"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
            actor=f"/feira/{service}",
            traceparent=row["traceparent"],
            occurred_at=row["occurred_at"],
        ),
    )
