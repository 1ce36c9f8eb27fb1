"""The timers of a service: those that fire here, and those that are calls of the outside world."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from kernel.messaging.transient import passes
from kernel.store.save import Timer
from kernel.timing.calls import TAKEN_FOR, Caller
from kernel.timing.timers import DueTimer, due_timer
from tests.proofs.simulation import faults
from tests.proofs.simulation.agenda import MS, SECOND
from tests.proofs.simulation.connection import timer_row
from tests.proofs.simulation.database import Due
from tests.proofs.simulation.node import Node

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World


class Timing:
    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service
        self._database = world.databases[service]

    def saved(self, timers: Iterable[Timer]) -> None:
        for timer in timers:
            self._wake(timer)

    def _wake(self, timer: Timer) -> None:
        wait = self._world.chance.between("timers", MS, 30 * MS)
        fault = self._world.plan.at("fire", timer.kind)
        if fault == faults.LATE:
            wait += self._world.lateness("late timers", 90)
        self._world.agenda.at(timer.due_at, wait, partial(self._due, (timer.subject, timer.kind)))

    def _due(self, key: Due) -> None:
        timer = self._database.timers.get(key)
        if timer is None or timer.due_at > self._world.agenda.now:
            return
        nodes = self._world.alive(self._service)
        if not nodes:
            self._world.agenda.after(SECOND, partial(self._due, key))
            return
        node = self._world.chance.of("who is first").choice(nodes)
        if timer.kind in node.wired.callers:
            self._call(node, timer)
        elif timer.kind in node.wired.timers:
            self._database.visible[key] = None
            node.spawn(node.timers.fire(1), partial(self._fired, key))
        else:
            self._world.broken("S3", f"nobody in {self._service} is woken by {timer.kind}")

    def _call(self, node: Node, timer: Timer) -> None:
        """Taken for a while: who dies with it leaves it to whoever comes when that is over."""
        until = self._world.agenda.now + timedelta(seconds=TAKEN_FOR)
        taken = timer._replace(due_at=until, attempts=timer.attempts + 1)
        self._database.timers[timer.subject, timer.kind] = taken
        self._wake(taken)
        node.spawn(
            _made(node.wired.callers[timer.kind], due_timer(timer_row(taken), self._service)), self._called
        )

    def _called(self, _: Any, error: Exception | None) -> None:
        if error is not None and not passes(error):
            self._world.broken("BUG", f"a call fails for ever: {error!r}")

    def _fired(self, key: Due, _: Any, error: Exception | None) -> None:
        """The timers' loop has polled once. What is still due is seen by a later poll."""
        if error is not None and not passes(error):
            self._world.broken("BUG", f"a timer fails for ever: {error!r}")
            return
        timer = self._database.timers.get(key)
        if timer is not None and timer.due_at <= self._world.agenda.now:
            self._world.agenda.after(
                self._world.chance.between("polls", SECOND // 2, SECOND), partial(self._due, key)
            )


async def _made(caller: Caller, timer: DueTimer) -> None:
    await caller(timer)
