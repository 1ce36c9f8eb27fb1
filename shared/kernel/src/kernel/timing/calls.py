"""Call the outside world because of something recorded: the call is a timer that is due at once.

It is taken for a while, made outside of any transaction, and struck off by the unit of work that records
its outcome. If the process dies in between, the time runs out and somebody makes it again: the call must
carry an idempotency key.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog

from kernel.faults import failpoints
from kernel.health import Heartbeats
from kernel.metrics import CALLS
from kernel.store.event_store import EventStore
from kernel.store.save import Save, Timer
from kernel.timing.timers import DueTimer, due_timer

LOG = structlog.get_logger()
BEAT = "calls"
TAKEN_FOR = 30
"""Seconds; longer than any call may take with its look-up."""
LATEST = TAKEN_FOR / 2
"""Seconds after which one that was promised is not begun any more: it will come due for everybody."""
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
    """What is asked for in this process is taken by the commit that asks for it, and begun behind it; what
    others have asked for, or left behind, is looked for now and then."""

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
        self._at_work = False
        self._asking = 0
        """For how many we are just looking."""
        self._running: set[asyncio.Task[None]] = set()
        self._promised: deque[tuple[float, DueTimer]] = deque()
        """Taken, but there was no room for them yet; with the time when they are nobody's again."""
        store.watch(self.saved, self.take_along)

    def take_along(self, save: Save, now: datetime) -> None:
        """As many as there is room for; the others are there for whoever has some."""
        room = self._room() if self._at_work else 0
        for key, timer in save.timers.items():
            if room > 0 and timer and timer.kind in self._callers and timer.due_at <= now:
                save.timers[key] = timer._replace(due_at=now + timedelta(seconds=TAKEN_FOR), attempts=1)
                room -= 1

    def saved(self, save: Save) -> None:
        for timer in save.timers.values():
            if timer and timer.kind in self._callers:
                if timer.attempts:
                    self._promised.append((time.monotonic() + LATEST, _due_now(timer, self._service)))
                else:
                    self._wake.set()
        self._begin_promised()

    async def run(self) -> None:
        """Until cancelled, and the calls that are being made with it."""
        self._heartbeats.started(BEAT)
        self._at_work = True
        try:
            await self._go_on()
        finally:
            self._at_work = False
            self._promised.clear()
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
                self._begin(timer)
            if not taken:
                await self._rest()

    def _room(self) -> int:
        return self._most - len(self._running) - len(self._promised) - self._asking

    async def _take(self) -> Sequence[DueTimer]:
        free = self._room()
        if free <= 0:
            return []
        self._asking = free
        try:
            rows = await self._store.pool.fetch(TAKE, list(self._callers), free, TAKEN_FOR)
        finally:
            self._asking = 0
        if rows:
            failpoints.active and await failpoints.reach("call.after_claim")
        return [due_timer(row, self._service) for row in rows]

    def _begin_promised(self) -> None:
        while self._promised and self._at_work and len(self._running) < self._most:
            latest, timer = self._promised.popleft()
            if time.monotonic() < latest:
                self._begin(timer)

    def _begin(self, timer: DueTimer) -> None:
        task = asyncio.create_task(self._call(timer), name=f"call {timer.kind}")
        self._running.add(task)
        task.add_done_callback(self._done)

    async def _call(self, timer: DueTimer) -> None:
        try:
            failpoints.active and await failpoints.reach("call.after_intent", timer.kind)
            await self._callers[timer.kind](timer)
            CALLS.labels(timer.kind, "made").inc()
        except Exception:
            CALLS.labels(timer.kind, "failed").inc()
            LOG.exception("a call will be made again", kind=timer.kind, subject=str(timer.subject))

    def _done(self, task: asyncio.Task[None]) -> None:
        if self._room() <= 0:
            self._wake.set()  # there was no room for more
        self._running.discard(task)
        self._begin_promised()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(IDLE_POLL):
                await self._wake.wait()
        except TimeoutError:
            pass


def _due_now(timer: Timer, service: str) -> DueTimer:
    """As it would come out of the database."""
    return due_timer({**timer._asdict(), "payload": orjson.loads(orjson.dumps(timer.payload))}, service)
