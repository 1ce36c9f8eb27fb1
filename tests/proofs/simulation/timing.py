"""The timers of a service: those that fire here, and those that are calls of the outside world."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from kernel.messaging.transient import passes
from kernel.store.save import Timer
from tests.proofs.simulation import faults
from tests.proofs.simulation.agenda import MS, SECOND
from tests.proofs.simulation.database import Due

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
        self._database.visible[key] = None
        if timer.kind in node.wired.callers:
            node.spawn(node.calls.look(), partial(self._polled, key))
        elif timer.kind in node.wired.timers:
            node.spawn(node.timers.fire(1), partial(self._polled, key))
        else:
            self._world.broken("S3", f"nobody in {self._service} is woken by {timer.kind}")

    def _polled(self, key: Due, _: Any, error: Exception | None) -> None:
        """A process has looked for what is due once. What is still due is seen by a later poll."""
        if error is not None and not passes(error):
            self._world.broken("BUG", f"a timer fails for ever: {error!r}")
            return
        timer = self._database.timers.get(key)
        if timer is not None and timer.due_at <= self._world.agenda.now:
            self._world.agenda.after(
                self._world.chance.between("polls", SECOND // 2, SECOND), partial(self._due, key)
            )
