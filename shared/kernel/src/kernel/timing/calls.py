"""Call the outside world because of something recorded: the call is a timer that is due at once.

It is taken for a while, made outside of any transaction, and struck off by the unit of work that records
its outcome. If the process dies in between, the time runs out and somebody makes it again: the call must
carry an idempotency key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from kernel.health import Heartbeats
from kernel.metrics import CALLS
from kernel.store.event_store import EventStore
from kernel.store.save import Save
from kernel.timing.timers import DueTimer, due_timer

LOG = structlog.get_logger()
BEAT = "calls"
TAKEN_FOR = 30
"""Seconds; longer than any call may take with its look-up."""
IDLE_POLL = 1.0

TAKE = """
    WITH due AS MATERIALIZED (
        SELECT subject, kind FROM timers
        WHERE due_at <= feira_now() AND kind = ANY($1)
        ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE timers t SET due_at = feira_now() + $3 * interval '1 second', attempts = t.attempts + 1
    FROM due
    WHERE t.subject = due.subject AND t.kind = due.kind
    RETURNING t.subject, t.kind, t.tenant, t.due_at, t.payload, t.attempts, t.correlation_id,
              t.causation_id, t.traceparent, t.occurred_at
"""

Caller = Callable[[DueTimer], Awaitable[None]]


class Calls:
    def __init__(
        self,
        service: str,
        callers: Mapping[str, Caller],
        store: EventStore,
        heartbeats: Heartbeats,
        most_at_once: int = 64,
    ) -> None:
        self._service = service
        self._callers = callers
        self._store = store
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)
        self._most = most_at_once
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        store.watch(self.saved)

    def saved(self, save: Save) -> None:
        """Something has just been recorded here that asks for a call: no need to wait for the next look."""
        if any(timer and timer.kind in self._callers for timer in save.timers.values()):
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled, and the calls that are being made with it."""
        self._heartbeats.started(BEAT)
        try:
            await self._go_on()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            self._heartbeats.beat(BEAT)
            self._wake.clear()
            try:
                taken = await self._take()
            except Exception as outage:
                LOG.warning("calls interrupted", error=repr(outage))
                taken = []
            for timer in taken:
                task = asyncio.create_task(self._call(timer), name=f"call {timer.kind}")
                self._running.add(task)
                task.add_done_callback(self._done)
            if not taken:
                await self._rest()

    async def _take(self) -> Sequence[DueTimer]:
        free = self._most - len(self._running)
        if free <= 0:
            return []
        rows = await self._store.pool.fetch(TAKE, list(self._callers), free, TAKEN_FOR)
        return [due_timer(row, self._service) for row in rows]

    async def _call(self, timer: DueTimer) -> None:
        try:
            await self._callers[timer.kind](timer)
            CALLS.labels(timer.kind, "made").inc()
        except Exception:
            CALLS.labels(timer.kind, "failed").inc()
            LOG.exception("a call will be made again", kind=timer.kind, subject=str(timer.subject))

    def _done(self, task: asyncio.Task[None]) -> None:
        if len(self._running) >= self._most:
            self._wake.set()  # there was no room for more
        self._running.discard(task)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(IDLE_POLL):
                await self._wake.wait()
        except TimeoutError:
            pass
