"""Call the outside world because of something recorded: the call is a timer that is due at once.

It is taken for a while, made outside of any transaction, and struck off by the unit of work that records
its outcome. If the process dies in between, the time runs out and somebody makes it again: the call must
carry an idempotency key.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog

from kernel.faults import failpoints
from kernel.health import Heartbeats
from kernel.metrics import CALLS
from kernel.scheduling.due import COLUMNS, OF_EACH_TENANT
from kernel.scheduling.slots import Slots
from kernel.scheduling.timers import DueTimer, due_timer
from kernel.store.changes import Changes, Timer
from kernel.store.event_store import EventStore
from kernel.store.writing import columns

LOG = structlog.get_logger()
BEAT = "calls"
LEASE_TIME = 30
"""Seconds; longer than any call may take with its look-up."""
LATEST = LEASE_TIME / 2
"""Seconds after which one that was promised is not begun any more: it will come due for everybody."""
IDLE_POLL = 1.0
MAX_CONCURRENT = 64
MAX_PER_TENANT = 16

LEASE_DUE = f"""
    {OF_EACH_TENANT}
    UPDATE timers t SET due_at = feira_now() + $7 * interval '1 second', attempts = t.attempts + 1
    FROM in_turn
    WHERE t.subject = in_turn.subject AND t.kind = in_turn.kind
    RETURNING {", ".join(f"t.{it.strip()}" for it in COLUMNS.split(","))}
"""  # noqa: S608  # constants

Caller = Callable[[DueTimer], Awaitable[bool | None]]
"""False if its time ran out without an answer; None where nothing was asked after all."""


class OutboundCalls:
    """What is asked for in this process is taken by the commit that asks for it, and begun behind it; what
    others have asked for, or left behind, is looked for now and then. Of the calls under way a tenant has a
    part at most: see ``Slots``."""

    def __init__(
        self,
        service: str,
        callers: Mapping[str, Caller],
        store: EventStore,
        heartbeats: Heartbeats,
        most_at_once: int = MAX_CONCURRENT,
        most_of_a_tenant: int = MAX_PER_TENANT,
        clock: Callable[[], float] = time.monotonic,
        spawn: Callable[..., asyncio.Task[bool | None]] = asyncio.create_task,
    ) -> None:
        """``clock`` and ``spawn`` are others in the simulation, which has no event loop."""
        self._service = service
        self._callers = callers
        self._store = store
        self._heartbeats = heartbeats
        heartbeats.register(BEAT)
        self._most_of_a_tenant = most_of_a_tenant
        self._slots = Slots(most_at_once, most_of_a_tenant, clock)
        self._clock = clock
        self._spawn = spawn
        self._wake = asyncio.Event()
        self._at_work = False
        self._asking = 0
        """For how many we are just looking."""
        self._running: dict[asyncio.Task[bool | None], str] = {}
        """With the tenant of each."""
        self._leased: deque[tuple[float, DueTimer]] = deque()
        """Taken, but there was no room for them yet; with the time when they are nobody's again."""
        self._promised_to: Counter[str] = Counter()
        store.add_commit_hooks(self.saved, self.lease_on_commit)

    def lease_on_commit(self, save: Changes, now: datetime) -> None:
        """As many as there is room for; the others are there for whoever has some."""
        if not self._at_work:
            return
        taken: Counter[str] = Counter()
        for key, timer in save.timers.items():
            if (
                timer
                and timer.kind in self._callers
                and timer.due_at <= now
                and taken.total() < self._room()
                and taken[timer.tenant] < self._room_of(timer.tenant)
            ):
                save.timers[key] = timer._replace(due_at=now + timedelta(seconds=LEASE_TIME), attempts=1)
                taken[timer.tenant] += 1

    def saved(self, save: Changes) -> None:
        for timer in save.timers.values():
            if timer and timer.kind in self._callers:
                if timer.attempts:
                    self._lease(_due_now(timer, self._service))
                elif self._room_of(timer.tenant) > 0:
                    self._wake.set()
        self._start_leased()

    def begin(self) -> None:
        """From here on this process takes calls."""
        self._at_work = True

    async def run(self) -> None:
        """Until cancelled, and the calls that are being made with it."""
        self._heartbeats.started(BEAT)
        self.begin()
        try:
            await self._go_on()
        finally:
            self._at_work = False
            self._leased.clear()
            self._promised_to.clear()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            self._heartbeats.beat(BEAT)
            self._wake.clear()
            if not await self.look():
                await self._rest()

    async def look(self) -> int:
        """Take calls that are due for anybody, and begin those for which there is room; return how many were
        taken."""
        try:
            taken = await self._take()
        except Exception as outage:
            LOG.warning("calls_interrupted", error=repr(outage))
            taken = []
        for timer in taken:
            self._lease(timer)
        self._start_leased()
        return len(taken)

    def _room(self) -> int:
        return self._slots.free - len(self._leased) - self._asking

    def _room_of(self, tenant: str) -> int:
        return self._slots.room(tenant) - self._promised_to[tenant]

    async def _take(self) -> Sequence[DueTimer]:
        free = self._room()
        if free <= 0:
            return []
        # promised ones have no slot yet, but theirs are spoken for
        tenants = self._slots.tenants() | self._promised_to.keys()
        known = [(it, max(0, self._room_of(it)), self._slots.busy(it)) for it in tenants]
        shares = columns(known) or [(), (), ()]
        self._asking = free
        try:
            rows = await self._store.pool.fetch(
                LEASE_DUE, list(self._callers), free, self._most_of_a_tenant, *shares, LEASE_TIME
            )
        finally:
            self._asking = 0
        if rows:
            failpoints.active and await failpoints.hit("call.after_claim")
        return [due_timer(row, self._service) for row in rows]

    def _lease(self, timer: DueTimer) -> None:
        self._leased.append((self._clock() + LATEST, timer))
        self._promised_to[timer.context.tenant] += 1

    def _start_leased(self) -> None:
        """In their order, but none waits for another tenant's."""
        if not self._at_work:
            return
        for _ in range(len(self._leased)):
            latest, timer = self._leased.popleft()
            tenant = timer.context.tenant
            if self._clock() < latest and self._slots.room(tenant) <= 0:
                self._leased.append((latest, timer))
                continue
            self._promised_to[tenant] -= 1
            if not self._promised_to[tenant]:
                del self._promised_to[tenant]
            if self._clock() < latest:
                self._begin(timer)

    def _begin(self, timer: DueTimer) -> None:
        tenant = timer.context.tenant
        self._slots.begin(tenant)
        task = self._spawn(self._call(timer), name=f"call {timer.kind}")
        self._running[task] = tenant
        task.add_done_callback(self._done)

    async def _call(self, timer: DueTimer) -> bool | None:
        try:
            failpoints.active and await failpoints.hit("call.after_intent", timer.kind)
            answered = await self._callers[timer.kind](timer)
            CALLS.labels(timer.kind, "made").inc()
        except Exception:
            CALLS.labels(timer.kind, "failed").inc()
            LOG.exception("call_retried", kind=timer.kind, subject=str(timer.subject))
            return None
        return answered

    def _done(self, task: asyncio.Task[bool | None]) -> None:
        tenant = self._running.pop(task)
        if self._room() <= 0 or self._room_of(tenant) <= 0:
            self._wake.set()  # there was no room for more
        was_silent = self._slots.is_silent(tenant)
        self._slots.end(tenant, None if task.cancelled() else task.result())
        if self._slots.is_silent(tenant) is not was_silent:
            LOG.warning("tenant_calls_changed", tenant=tenant, answered=was_silent)
        self._start_leased()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(IDLE_POLL):
                await self._wake.wait()
        except TimeoutError:
            pass


def _due_now(timer: Timer, service: str) -> DueTimer:
    """As it would come out of the database."""
    return due_timer({**timer._asdict(), "payload": orjson.loads(orjson.dumps(timer.payload))}, service)
