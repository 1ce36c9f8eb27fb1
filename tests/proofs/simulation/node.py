"""One process of a service: what it remembers, what it is in the middle of, and how it dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kernel.errors import Unsettled
from kernel.health import Heartbeats
from kernel.messaging.batch_consumer import BatchConsumer
from kernel.timing.timers import Timers
from tests.proofs.simulation import faults
from tests.proofs.simulation.agenda import DIE, MS, SECOND, Work, pause
from tests.proofs.simulation.database import Database
from tests.proofs.simulation.services import wired
from tests.proofs.simulation.store import SimulatedStore
from tests.proofs.simulation.wire import Line, Wire

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World


HEARTBEATS = Heartbeats()


class Gone(ConnectionError):
    """The process that should have answered has died."""


@dataclass(eq=False, slots=True)
class Task:
    work: Work
    done: Callable[[Any, Exception | None], None]


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
        """Nothing is remembered but what the database holds."""
        self.alive = True
        self.store = SimulatedStore(self)
        world = self.world
        self.wired = wired(self.service, self.store, world.catalogue, Line(Wire(world)))
        self.consumers = {
            name: BatchConsumer(name, handlers, self.store)
            for name, (_, handlers) in self.wired.groups.items()
        }
        self.timers = Timers(self.service, self.wired.timers, self.store, HEARTBEATS)

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
                self.world.agenda.after(micros, partial(self._step, task))

    def die(self) -> None:
        """What was under way is gone; whoever waited for it is not told how it ended."""
        self.alive = False
        tasks = list(self._tasks)
        self._tasks.clear()
        for task in tasks:
            task.work.close()
        self.world.tell(self.name, "DIES")
        self.world.agenda.after(self.world.chance.between("deaths", 50 * MS, 5 * SECOND), self._begin_again)
        for task in tasks:
            task.done(None, Gone(f"{self.name} has died"))

    def _begin_again(self) -> None:
        self.begin()
        self.world.tell(self.name, "starts again")

    async def before_commit(self) -> str | None:
        """Let the time of a commit pass; return the fault that befalls it. Raises what makes it fail."""
        world = self.world
        fault = world.plan.at("commit", self.service)
        await pause(world.chance.between("commits", MS, 6 * MS))
        if fault == faults.DIES_BEFORE:
            await pause(DIE)
        if fault == faults.STALLS:
            await pause(world.chance.between("stalls", SECOND, 40 * SECOND))
        if fault == faults.FAILS:
            raise ConnectionError("the database has gone away")
        return fault

    async def after_commit(self, fault: str | None) -> None:
        if fault == faults.DIES_AFTER:
            await pause(DIE)
        if fault == faults.UNTOLD:
            raise Unsettled("the database has gone away in the middle of a commit")
