"""One group of consumers: each batch is one transaction with its place, and is read again until it holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.topics import COMMANDS
from kernel.messaging.batch import Handler
from kernel.messaging.received import Received
from kernel.messaging.sifting import Sifted, sift
from kernel.messaging.transient import passes
from kernel.store.event_store import check_memory
from kernel.store.lateness import LATE
from kernel.store.save import Save
from kernel.store.writing import Connection
from tests.proofs.simulation import faults
from tests.proofs.simulation.agenda import MS, SECOND
from tests.proofs.simulation.database import Along
from tests.proofs.simulation.node import Node

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

BATCHES = 1, 2, 500
"""How many records are found at once."""
Part = tuple[str, int]


class Group:
    def __init__(self, world: World, service: str, name: str, topics: Sequence[str]) -> None:
        self._world = world
        self._service = service
        self._name = name
        self._asked: set[Part] = set()
        self._busy: set[Part] = set()
        for topic in topics:
            world.topics.follow(topic, self.wake)

    def wake(self, topic: str, part: int) -> None:
        """There is something new, or something left."""
        place = topic, part
        if place in self._asked or place in self._busy:
            return
        self._asked.add(place)
        fault = self._world.plan.at("deliver", self._name)
        chance = self._world.chance
        wait = chance.between(self._name, MS, 12 * MS)
        if fault == faults.LATE:
            wait += self._world.lateness("late deliveries", 90)
        self._world.agenda.after(wait, partial(self._read, place, doubled=fault == faults.DOUBLED))

    def _read(self, place: Part, *, doubled: bool) -> None:
        nodes = self._world.alive(self._service)
        if not nodes:
            self._world.agenda.after(SECOND, partial(self._read, place, doubled=doubled))
            return
        self._asked.discard(place)
        self._busy.add(place)
        first = place[1] % len(nodes)
        nodes[first].spawn(self._batch(nodes[first], place), partial(self._done, place))
        if doubled and len(nodes) > 1:
            other = nodes[first - 1]
            other.spawn(self._batch(other, place), partial(self._done, place))

    def _done(self, place: Part, _: Any, error: Exception | None) -> None:
        self._busy.discard(place)
        if error is not None and not passes(error):
            self._world.broken("parked", f"{self._name} cannot handle a record: {error!r}")
            return
        if self._place(place) < self._world.topics.end(*place):
            self.wake(*place)

    def _place(self, place: Part) -> int:
        return self._world.databases[self._service].places.get((self._name, *place), 0)

    async def _batch(self, node: Node, place: Part) -> None:
        begin = self._place(place)
        most = self._world.chance.of("batches").choice(BATCHES)
        records = self._world.topics.read(*place, begin, most)
        if not records:
            return
        sifted = sift(records, [], node.database.seen[self._name])
        if sifted.parked:
            self._world.broken("E2", f"{self._name}: {sifted.parked[0].error}")
        moves = {place: (begin, begin + len(records))}
        handlers = node.wired.groups[self._name][1]
        self._all_are_known(sifted.new, handlers)
        if not any(it.type in handler.types for it in sifted.new for handler in handlers):
            # it concerns nobody here: only the place moves
            node.database.commit(Save(), Along(self._name, moves, sifted.versions))
            return
        memory = node.store.memory
        if memory:
            try:
                await self._transaction(node, sifted, moves, remembering=True)
            except LATE as late:
                memory.lost(late)
            else:
                return
        await self._transaction(node, sifted, moves, remembering=False)

    async def _transaction(
        self, node: Node, sifted: Sifted, moves: dict[Part, tuple[int, int]], *, remembering: bool
    ) -> None:
        along = Along(self._name, moves, sifted.versions)
        session = node.store.open_within(self._world.agenda.now, remembering=remembering)
        for handler in node.wired.groups[self._name][1]:
            if new := [it for it in sifted.new if it.type in handler.types]:
                await handler.handle(new, session, _as_connection(along))
        if session.rests_on_memory:
            await check_memory(session)
        await node.store.flush_along(session, along)

    def _all_are_known(self, new: Sequence[Received], handlers: Sequence[Handler]) -> None:
        for it in new:
            if it.type in COMMANDS and not any(it.type in handler.types for handler in handlers):
                self._world.broken("parked", f"nobody in {self._name} obeys {it.type}")


def _as_connection(along: Along) -> Connection:
    """For a follower that writes tables of its own with the batch; the others ignore it."""
    return along  # type: ignore[return-value]  # it stands in for one
