"""The simulated outbox relay: copies the log to the broker in order; may repeat records, never skips one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kernel.ids import new_id
from kernel.store.changes import LogRow
from tests.proofs.simulation import faults
from tests.proofs.simulation.scheduler import MS

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World


class SimulatedRelay:
    def __init__(self, world: World, service: str) -> None:
        self._world = world
        self._service = service
        self._database = world.databases[service]
        self._is_scheduled = False

    def wake(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._world.scheduler.after(self._world.random.between("relays", MS, 6 * MS), self._publish)

    def _publish(self) -> None:
        world = self._world
        fault = world.plan.at("publish", self._service)
        if fault == faults.LATE:
            wait = world.lateness("late relays", 60)
            world.scheduler.after(wait, self._publish)
            return
        self._is_scheduled = False
        rows = self._database.log[self._database.published :]
        for row in rows:
            world.topics.append(self._service, row)
        if fault == faults.REPEATS:
            self.wake()  # it crashed before it advanced its cursor
            return
        self._database.published += len(rows)
        if fault == faults.AGAIN:
            self._ask_again(rows)

    def _ask_again(self, rows: list[LogRow]) -> None:
        """Send each command once more under a new id: its receiver must give the same reply."""
        for row in rows:
            if row.kind == "command":
                again = new_id()
                copy = row._replace(stream_id=again, message_id=again)
                wait = self._world.lateness("second requests", 20)
                self._world.scheduler.after(wait, partial(self._world.topics.append, self._service, copy))
