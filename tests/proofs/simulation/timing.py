"""When the processes of a service poll for due timers and outbound calls; the rest is the kernel's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from kernel.messaging.transient import is_transient
from kernel.store.changes import Timer
from tests.proofs.simulation import faults
from tests.proofs.simulation.database import TimerKey
from tests.proofs.simulation.scheduler import MS, SECOND

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
        wait = self._world.random.between("timers", MS, 30 * MS)
        fault = self._world.plan.at("fire", timer.kind)
        if fault == faults.LATE:
            wait += self._world.lateness("late timers", 90)
        self._world.scheduler.at(timer.due_at, wait, partial(self._due, (timer.subject, timer.kind)))

    def _due(self, key: TimerKey) -> None:
        timer = self._database.timers.get(key)
        if timer is None or timer.due_at > self._world.scheduler.now:
            return
        nodes = self._world.alive(self._service)
        if not nodes:
            self._world.scheduler.after(SECOND, partial(self._due, key))
            return
        node = self._world.random.of("who is first").choice(nodes)
        self._database.visible[key] = None
        if timer.kind in node.wired.callers:
            node.spawn(node.calls.poll(), partial(self._polled, key))
        elif timer.kind in node.wired.timers:
            node.spawn(node.timers.fire(1), partial(self._polled, key))
        else:
            self._world.broken("S3", f"{self._service} has no handler for timer {timer.kind}")

    def _polled(self, key: TimerKey, _: Any, error: Exception | None) -> None:
        """A process has polled once; a timer that is still due is found by a later poll."""
        if error is not None and not is_transient(error):
            self._world.broken("BUG", f"a timer fails for ever: {error!r}")
            return
        timer = self._database.timers.get(key)
        if timer is not None and timer.due_at <= self._world.scheduler.now:
            self._world.scheduler.after(
                self._world.random.between("polls", SECOND // 2, SECOND), partial(self._due, key)
            )
