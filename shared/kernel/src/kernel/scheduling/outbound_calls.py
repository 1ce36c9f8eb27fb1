"""Outbound calls: durable calls to other systems. The intent of a call is a timer that is due at once.

A process leases the timer, makes the call outside of any transaction, and cancels the timer in the unit of
work that records the outcome. If the process dies in between, the lease ends and another process makes the
call again; so each call must carry an idempotency key.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog

from kernel import waiting
from kernel.faults import failpoints
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.scheduling import CALL_DURATION, CALLS
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.call_tracing import traced_call
from kernel.scheduling.due import COLUMNS, DUE_IN_TURN
from kernel.scheduling.slots import Pair, Slots
from kernel.scheduling.timers import DueTimer, due_timer
from kernel.service.runtime import run_forever
from kernel.store.changes import Changes, Timer
from kernel.store.event_store import EventStore
from kernel.store.writing import columns

LOG = structlog.get_logger()
BEAT = "calls"
LEASE_SECONDS = 30
"""Longer than any call may take together with its look-up."""
MAX_START_DELAY_SECONDS = LEASE_SECONDS / 2
"""A leased call that has waited longer for a slot is not started; it becomes due again for all processes."""
POLL_INTERVAL_SECONDS = 1.0
MAX_CONCURRENT = 64
MAX_PER_PAIR = 16

LEASE_DUE = f"""
    {DUE_IN_TURN}
    UPDATE timers t SET due_at = feira_now() + $8 * interval '1 second', attempts = t.attempts + 1
    FROM in_turn
    WHERE t.subject = in_turn.subject AND t.kind = in_turn.kind
    RETURNING {", ".join(f"t.{it.strip()}" for it in COLUMNS.split(","))}
"""  # noqa: S608  # constants

Caller = Callable[[DueTimer], Awaitable[CallResult | None]]
"""Makes the call and records its outcome. None if no call was necessary any more."""


class OutboundCalls:
    """Calls that this process requests are leased by the commit that records them, and start right after it;
    those of other processes are found by polling. ``Slots`` limits the calls of a tenant to one target."""

    def __init__(
        self,
        service: str,
        callers: Mapping[str, Caller],
        store: EventStore,
        heartbeats: Heartbeats,
        max_concurrent: int = MAX_CONCURRENT,
        max_per_pair: int = MAX_PER_PAIR,
        clock: Callable[[], float] = time.monotonic,
        spawn: Callable[..., asyncio.Task[CallResult | None]] = asyncio.create_task,
        beat: str = BEAT,
    ) -> None:
        """``clock`` and ``spawn`` are replaced in the simulation, which has no event loop. ``beat``: the name
        of the loop, if the process has several."""
        expose(Part.CALLS)
        self._service = service
        self._callers = callers
        self._store = store
        self._heartbeats = heartbeats
        self._beat = beat
        heartbeats.register(beat)
        self._max_per_pair = max_per_pair
        self._slots = Slots(max_concurrent, max_per_pair, clock)
        self._clock = clock
        self._spawn = spawn
        self._wake = asyncio.Event()
        self._is_active = False
        self._polling_for = 0
        """How many calls the poll in progress may lease."""
        self._running: dict[asyncio.Task[CallResult | None], Pair] = {}
        self._leased: deque[tuple[float, DueTimer]] = deque()
        """Leased calls that wait for a slot, with the time after which they are not started any more."""
        self._leased_by_pair: Counter[Pair] = Counter()
        store.add_commit_hooks(self.after_commit, self.lease_on_commit)

    def lease_on_commit(self, changes: Changes, now: datetime) -> None:
        """Lease as many of the calls that are about to be committed as there is room for."""
        if not self._is_active:
            return
        leased: Counter[Pair] = Counter()
        for key, timer in changes.timers.items():
            if not timer or timer.kind not in self._callers or timer.due_at > now:
                continue
            pair = Pair.of(timer.tenant, timer.payload)
            if leased.total() < self._room() and leased[pair] < self._room_of(pair):
                lease_end = now + timedelta(seconds=LEASE_SECONDS)
                changes.timers[key] = timer._replace(due_at=lease_end, attempts=1)
                leased[pair] += 1

    def after_commit(self, changes: Changes) -> None:
        for timer in changes.timers.values():
            if timer and timer.kind in self._callers:
                if timer.attempts:
                    self._enqueue(_due_now(timer, self._service))
                elif self._room_of(Pair.of(timer.tenant, timer.payload)) > 0:
                    self._wake.set()
        self._start_leased()

    def wake(self) -> None:
        """Look for due calls at once: the clock has been moved."""
        self._wake.set()

    def activate(self) -> None:
        """From now on this process leases calls."""
        self._is_active = True

    async def run(self) -> None:
        """Run until cancelled; the running calls are cancelled, too."""
        self._heartbeats.started(self._beat)
        self.activate()
        try:
            await run_forever(
                self._poll,
                pause=lambda: waiting.wait_at_most(self._wake, POLL_INTERVAL_SECONDS),
                beat=lambda: self._heartbeats.beat(self._beat),
            )
        finally:
            self._is_active = False
            self._leased.clear()
            self._leased_by_pair.clear()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _poll(self) -> bool:
        self._wake.clear()
        return await self.poll() > 0

    async def poll(self) -> int:
        """Lease due calls of any process, and start those for which there is room; return how many were
        leased."""
        try:
            due = await self._lease_due()
        except Exception as error:
            LOG.warning("calls_interrupted", error=repr(error))
            due = []
        for timer in due:
            self._enqueue(timer)
        self._start_leased()
        return len(due)

    def _room(self) -> int:
        return self._slots.free - len(self._leased) - self._polling_for

    def _room_of(self, pair: Pair) -> int:
        return self._slots.room(pair) - self._leased_by_pair[pair]

    async def _lease_due(self) -> Sequence[DueTimer]:
        free = self._room()
        if free <= 0:
            return []
        # leased calls have no slot yet, but will need one
        pairs = self._slots.pairs() | self._leased_by_pair.keys()
        rows = [(*it, max(0, self._room_of(it)), self._slots.busy(it)) for it in pairs]
        limits = columns(rows) or [(), (), (), ()]
        self._polling_for = free
        try:
            due = await self._store.pool.fetch(
                LEASE_DUE, list(self._callers), free, self._max_per_pair, *limits, LEASE_SECONDS
            )
        finally:
            self._polling_for = 0
        if due:
            failpoints.active and await failpoints.hit("call.after_claim")
        return [due_timer(row, self._service) for row in due]

    def _enqueue(self, timer: DueTimer) -> None:
        self._leased.append((self._clock() + MAX_START_DELAY_SECONDS, timer))
        self._leased_by_pair[_pair_of(timer)] += 1

    def _start_leased(self) -> None:
        """In order for each tenant and target; no call waits for one of another pair."""
        if not self._is_active:
            return
        for _ in range(len(self._leased)):
            start_by, timer = self._leased.popleft()
            pair = _pair_of(timer)
            if self._clock() < start_by and self._slots.room(pair) <= 0:
                self._leased.append((start_by, timer))
                continue
            self._leased_by_pair[pair] -= 1
            if not self._leased_by_pair[pair]:
                del self._leased_by_pair[pair]
            if self._clock() < start_by:
                self._start(timer)

    def _start(self, timer: DueTimer) -> None:
        pair = _pair_of(timer)
        self._slots.start(pair)
        task = self._spawn(self._call(timer), name=f"call {timer.kind}")
        self._running[task] = pair
        task.add_done_callback(self._done)

    async def _call(self, timer: DueTimer) -> CallResult | None:
        began = time.perf_counter()
        try:
            failpoints.active and await failpoints.hit("call.after_intent", timer.kind)
            with traced_call(timer):
                result = await self._callers[timer.kind](timer)
        except Exception:
            _count(timer.kind, "failed", began)
            LOG.exception("call_retried", kind=timer.kind, subject=str(timer.subject))
            return None
        if result is not None:
            _count(timer.kind, result.value, began)
        return result

    def _done(self, task: asyncio.Task[CallResult | None]) -> None:
        pair = self._running.pop(task)
        if self._room() <= 0 or self._room_of(pair) <= 0:
            self._wake.set()  # more calls may be due for which there was no room
        was_unresponsive = self._slots.is_unresponsive(pair)
        result = None if task.cancelled() else task.result()
        self._slots.end(pair, None if result is None else result is not CallResult.TIMEOUT)
        if self._slots.is_unresponsive(pair) is not was_unresponsive:
            LOG.warning("tenant_calls_changed", **pair._asdict(), answered=was_unresponsive)
        self._start_leased()


def _pair_of(timer: DueTimer) -> Pair:
    return Pair.of(timer.context.tenant, timer.payload)


def _due_now(timer: Timer, service: str) -> DueTimer:
    """The timer as it would be read from the database."""
    return due_timer({**timer._asdict(), "payload": orjson.loads(orjson.dumps(timer.payload))}, service)


def _count(kind: str, outcome: str, began: float) -> None:
    CALLS.labels(kind, outcome).inc()
    CALL_DURATION.labels(kind, outcome).observe(time.perf_counter() - began)
