"""The timers of a service: those that fire here, and those that are calls of the outside world."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from kernel.messaging.transient import passes
from kernel.store.save import Save, Timer
from kernel.timing.calls import TAKEN_FOR, Caller
from kernel.timing.timers import DueTimer, due_timer
from tests.proofs.simulation import faults
from tests.proofs.simulation.agenda import MS, SECOND
from tests.proofs.simulation.database import Along, Due
from tests.proofs.simulation.node import Node

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

LONGEST_PUT_OFF = 300
"""Seconds."""


class Timing:
    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service
        self._database = world.databases[service]
        self._firing: set[Due] = set()
        """Their rows are locked: nobody else looks at them."""

    def saved(self, save: Save) -> None:
        for timer in save.timers.values():
            if timer is not None:
                self._wake(timer)

    def _wake(self, timer: Timer) -> None:
        wait = self._world.chance.between("timers", MS, 30 * MS)
        fault = self._world.plan.at("fire", timer.kind)
        if fault == faults.LATE:
            wait += self._world.lateness("late timers", 90)
        self._world.agenda.at(timer.due_at, wait, partial(self._due, (timer.subject, timer.kind)))

    def _due(self, key: Due) -> None:
        timer = self._database.timers.get(key)
        if timer is None or timer.due_at > self._world.agenda.now or key in self._firing:
            return
        nodes = self._world.alive(self._service)
        if not nodes:
            self._world.agenda.after(SECOND, partial(self._due, key))
            return
        node = self._world.chance.of("who is first").choice(nodes)
        if timer.kind in node.wired.callers:
            self._call(node, timer)
        elif timer.kind in node.wired.timers:
            self._firing.add(key)
            node.spawn(self._fire(node, timer), partial(self._fired, key))
        else:
            self._world.broken("S3", f"nobody in {self._service} is woken by {timer.kind}")

    def _call(self, node: Node, timer: Timer) -> None:
        """Taken for a while: who dies with it leaves it to whoever comes when that is over."""
        until = self._world.agenda.now + timedelta(seconds=TAKEN_FOR)
        taken = timer._replace(due_at=until, attempts=timer.attempts + 1)
        self._database.timers[timer.subject, timer.kind] = taken
        self._wake(taken)
        node.spawn(_made(node.wired.callers[timer.kind], _due(taken, self._service)), self._called)

    def _called(self, _: Any, error: Exception | None) -> None:
        if error is not None and not passes(error):
            self._world.broken("BUG", f"a call fails for ever: {error!r}")

    async def _fire(self, node: Node, timer: Timer) -> None:
        session = node.store.open_within(self._world.agenda.now, remembering=False)
        due = _due(timer, self._service)
        session.act_for(due.context)
        await node.wired.timers[timer.kind](due, session)
        await node.store.flush_along(session, Along(fired=timer))

    def _fired(self, key: Due, _: Any, error: Exception | None) -> None:
        self._firing.discard(key)
        timer = self._database.timers.get(key)
        if error is None or timer is None or timer.due_at > self._world.agenda.now:
            return
        if not passes(error):
            self._world.broken("BUG", f"{timer.kind} fails for ever: {error!r}")
            return
        seconds = min(LONGEST_PUT_OFF, 2 ** min(timer.attempts, 16))
        due_at = self._world.agenda.now + timedelta(seconds=seconds)
        put_off = timer._replace(due_at=due_at, attempts=timer.attempts + 1)
        self._database.timers[key] = put_off
        self._wake(put_off)


async def _made(caller: Caller, timer: DueTimer) -> None:
    await caller(timer)


def _due(timer: Timer, service: str) -> DueTimer:
    """As it comes out of the database."""
    return due_timer({**timer._asdict(), "payload": orjson.loads(orjson.dumps(timer.payload))}, service)
