"""Fire durable timers: each in one transaction with all that it causes, once, also after any crash."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from asyncpg import Record

from kernel.context import Context
from kernel.health import Heartbeats
from kernel.messaging.transient import passes
from kernel.metrics import TIMERS_FIRED
from kernel.store.event_store import EventStore
from kernel.store.session import Session
from kernel.store.writing import Connection

LOG = structlog.get_logger()
BEAT = "timers"
AT_ONCE = 100
LONGEST_SLEEP = 1.0

DUE = """
    SELECT subject, kind, tenant, due_at, payload, attempts, correlation_id, causation_id, traceparent,
           occurred_at
    FROM timers WHERE due_at <= feira_now() AND kind = ANY($1)
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
FIRED = """
    DELETE FROM timers t USING unnest($1::uuid[], $2::text[]) AS gone (subject, kind)
    WHERE t.subject = gone.subject AND t.kind = gone.kind
"""
PUT_OFF = """
    UPDATE timers SET attempts = attempts + 1,
        due_at = feira_now() + least(300, power(2, least(attempts, 16))) * interval '1 second'
    WHERE subject = $1 AND kind = $2
"""


@dataclass(frozen=True, slots=True)
class DueTimer:
    subject: UUID
    kind: str
    due_at: datetime
    payload: Mapping[str, Any]
    attempts: int
    context: Context


TimerHandler = Callable[[DueTimer, Session], Awaitable[None]]


class Timers:
    """A handler may find that its timer has been overtaken by events; then it does nothing."""

    def __init__(
        self, service: str, handlers: Mapping[str, TimerHandler], store: EventStore, heartbeats: Heartbeats
    ) -> None:
        self._service = service
        self._handlers = handlers
        self._store = store
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)

    async def run(self) -> None:
        self._heartbeats.started(BEAT)
        while True:
            self._heartbeats.beat(BEAT)
            try:
                fired = await self._fire(AT_ONCE)
            except Exception as error:
                if not passes(error):
                    LOG.exception("timers failed: trying them one by one")
                fired = await self._one_by_one()
            if fired < AT_ONCE:
                await asyncio.sleep(random.uniform(0.5, 1) * LONGEST_SLEEP)  # noqa: S311  # so that replicas take turns

    async def _one_by_one(self) -> int:
        """One bad timer must not hold up the others."""
        for count in range(AT_ONCE):
            try:
                if not await self._fire(1):
                    return count
            except Exception as error:
                LOG.warning("a timer will be tried again", error=repr(error))
                return 0
        return AT_ONCE

    async def _fire(self, most: int) -> int:
        async with self._store.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    session, due = await self._fire_within(connection, most)
            except Exception:
                if most == 1:
                    await self._put_off(connection)
                raise
            session.committed()
        return len(due)

    async def _fire_within(self, connection: Connection, most: int) -> tuple[Session, Sequence[DueTimer]]:
        rows = await connection.fetch(DUE, list(self._handlers), most)
        due = [due_timer(row, self._service) for row in rows]
        session = await self._store.begin_within(connection)
        if due:
            gone = [it.subject for it in due], [it.kind for it in due]
            await connection.execute(FIRED, *gone)
            for timer in due:
                session.act_for(timer.context)
                await self._handlers[timer.kind](timer, session)
                TIMERS_FIRED.labels(timer.kind).inc()
            await self._store.flush(session, connection)
        return session, due

    async def _put_off(self, connection: Connection) -> None:
        row = await connection.fetchrow(DUE, list(self._handlers), 1)
        if row is not None:
            await connection.execute(PUT_OFF, row["subject"], row["kind"])


def due_timer(row: Record, service: str) -> DueTimer:
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
