"""One process of a service: its store, consumers, timers and calls, its tasks, and its crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from contracts.topology import SELECTIVE_GROUPS
from kernel.errors import CommitOutcomeUnknown
from kernel.messaging.batch_consumer import BatchConsumer
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller, OutboundCalls
from kernel.scheduling.timers import DueTimer, Timers
from kernel.store.changes import LogRow
from tests.proofs.simulation import faults
from tests.proofs.simulation.database import Database
from tests.proofs.simulation.scheduler import DIE, MS, SECOND, Work, pause
from tests.proofs.simulation.services import wired
from tests.proofs.simulation.store import SimulatedStore
from tests.proofs.simulation.wire import GatewayOnWire, Wire

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World


HEARTBEATS = Heartbeats()
ROOM = 1, 2, 64
"""Concurrent outbound calls of a process; few, so that calls also wait for a slot or another process."""


class ProcessDied(ConnectionError):
    """The process crashed before it answered."""


@dataclass(eq=False, slots=True)
class Task:
    work: Work
    done: Callable[[Any, Exception | None], None]


class Call:
    """The part of an asyncio task that the kernel uses of a call's task."""

    def __init__(self) -> None:
        self._then: list[Callable[[Call], None]] = []
        self._result: CallResult | None = None

    def add_done_callback(self, then: Callable[[Call], None]) -> None:
        self._then.append(then)

    def ended(self, result: CallResult | None, error: Exception | None) -> None:
        """Report the result, except where the process has crashed."""
        if error is None:
            self._result = result
            for then in self._then:
                then(self)

    def cancelled(self) -> bool:
        return False

    def result(self) -> CallResult | None:
        return self._result


class Node:
    def __init__(self, world: World, service: str, number: int, database: Database) -> None:
        self.world = world
        self.service = service
        self.name = f"{service} #{number}"
        self.database = database
        self._tasks: dict[Task, None] = {}
        self.alive = False
        self.begin()

    def begin(self) -> None:
        """Start with empty memory: all state is what the database holds."""
        self.alive = True
        self.store = SimulatedStore(self)
        world = self.world
        hours = world.workload.reconciled
        every = timedelta(hours=hours) if hours else None
        self.wired = wired(self.service, self.store, world.catalogue, GatewayOnWire(Wire(world)), every)
        self.consumers = {
            name: BatchConsumer(name, handlers, self.store, selective=name in SELECTIVE_GROUPS)
            for name, (_, handlers) in self.wired.groups.items()
        }
        self.timers = Timers(self.service, self.wired.timers, self.store, HEARTBEATS)
        callers = {kind: partial(self._call, caller) for kind, caller in self.wired.callers.items()}
        self.calls = OutboundCalls(
            self.service,
            callers,
            self.store,
            HEARTBEATS,
            world.random.of("room for calls").choice(ROOM),
            clock=lambda: world.scheduler.micros / SECOND,
            spawn=self._begin_call,
        )
        self.calls.activate()

    async def _call(self, caller: Caller, timer: DueTimer) -> CallResult | None:
        """Make a call. The kernel repeats it after any error; one that is not transient is a violation."""
        try:
            return await caller(timer)
        except Exception as error:
            if not is_transient(error):
                self.world.broken("BUG", f"a call fails for ever: {error!r}")
            raise

    def _begin_call(self, work: Work, *, name: str) -> asyncio.Task[CallResult | None]:  # for asyncio
        call = Call()
        task = Task(work, call.ended)
        self._tasks[task] = None
        self.world.scheduler.after(self.world.random.between("calls", MS, 10 * MS), partial(self._step, task))
        return cast("asyncio.Task[CallResult | None]", call)

    def spawn(self, work: Work, done: Callable[[Any, Exception | None], None]) -> None:
        task = Task(work, done)
        self._tasks[task] = None
        self._step(task)

    def _step(self, task: Task) -> None:
        if task not in self._tasks:
            return
        try:
            micros = task.work.send(None)
        except StopIteration as end:
            del self._tasks[task]
            task.done(end.value, None)
        except Exception as error:
            del self._tasks[task]
            task.done(None, error)
        else:
            if micros == DIE:
                self.die()
            else:
                self.world.scheduler.after(micros, partial(self._step, task))

    def die(self) -> None:
        """Crash: close all tasks and start again later. Their callers get ``ProcessDied``."""
        self.alive = False
        tasks = list(self._tasks)
        self._tasks.clear()
        for task in tasks:
            task.work.close()
        self.world.tell(self.name, "DIES")
        self.world.scheduler.after(
            self.world.random.between("deaths", 50 * MS, 5 * SECOND), self._begin_again
        )
        for task in tasks:
            task.done(None, ProcessDied(f"{self.name} has died"))

    def _begin_again(self) -> None:
        self.begin()
        self.world.tell(self.name, "starts again")

    async def before_commit(self, rows: Sequence[LogRow]) -> str | None:
        """Wait for the time of a commit of these rows. Returns the fault planned for it; raises where that
        fails it."""
        world = self.world
        fault = world.plan.at("commit", self.service)
        await pause(world.random.between("commits", MS, 6 * MS))
        if fault == faults.DIES_BEFORE:
            world.incidents.died(self.service, rows, before=True)
            await pause(DIE)
        if fault == faults.STALLS:
            await pause(world.random.between("stalls", SECOND, 40 * SECOND))
        if fault == faults.FAILS:
            raise ConnectionError("the database has gone away")
        return fault

    async def after_commit(self, fault: str | None, rows: Sequence[LogRow]) -> None:
        if fault == faults.DIES_AFTER:
            self.world.incidents.died(self.service, rows, before=False)
            await pause(DIE)
        if fault == faults.UNTOLD:
            raise CommitOutcomeUnknown("the database has gone away in the middle of a commit")
