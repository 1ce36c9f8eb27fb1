"""A consumer group: the scheduler decides when a member fetches; the kernel handles the fetched records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from aiokafka import TopicPartition

from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.transient import is_transient
from tests.proofs.simulation import faults
from tests.proofs.simulation.node import Node
from tests.proofs.simulation.scheduler import MS, SECOND

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

MAX_RECORDS = 1, 2, 500
"""The most records that a fetch returns: one of these at random."""
CLUSTER = "simulated"
Part = tuple[str, int]


class Group:
    def __init__(self, world: World, service: str, name: str, topics: Sequence[str]) -> None:
        self._world = world
        self._service = service
        self._name = name
        self._database = world.databases[service]
        self._client = cast(KafkaConsumer, world.topics)
        self._scheduled: set[Part] = set()
        self._busy: set[Part] = set()
        for topic in topics:
            world.topics.follow(topic, self.wake)

    def wake(self, topic: str, part: int) -> None:
        """Schedule a fetch of the partition, if none is pending."""
        place = topic, part
        if place in self._scheduled or place in self._busy:
            return
        self._scheduled.add(place)
        fault = self._world.plan.at("deliver", self._name)
        chance = self._world.random
        wait = chance.between(self._name, MS, 12 * MS)
        if fault == faults.LATE:
            wait += self._world.lateness("late deliveries", 90)
        self._world.scheduler.after(wait, partial(self._read, place, doubled=fault == faults.DOUBLED))

    def _read(self, place: Part, *, doubled: bool) -> None:
        nodes = self._world.alive(self._service)
        if not nodes:
            self._world.scheduler.after(SECOND, partial(self._read, place, doubled=doubled))
            return
        self._scheduled.discard(place)
        self._busy.add(place)
        first = place[1] % len(nodes)
        nodes[first].spawn(self._batch(nodes[first], place), partial(self._done, place))
        if doubled and len(nodes) > 1:
            other = nodes[first - 1]
            other.spawn(self._batch(other, place), partial(self._done, place))

    def _done(self, place: Part, _: Any, error: Exception | None) -> None:
        self._busy.discard(place)
        if error is not None and not is_transient(error):
            self._world.broken("BUG", f"{self._name} fails for ever: {error!r}")
            return
        offset = self._database.offsets.get((self._name, *place))
        if (offset.next_offset if offset else 0) < self._world.topics.end(*place):
            self.wake(*place)

    async def _batch(self, node: Node, place: Part) -> None:
        member, partition = node.consumers[self._name], TopicPartition(*place)
        try:
            if partition not in member.offsets:
                member.offsets.cluster_id = CLUSTER
                await member.offsets.seek(self._client, [partition])
            limit = self._world.random.of("batches").choice(MAX_RECORDS)
            records = self._world.topics.read(*place, member.offsets[partition].next_offset, limit)
            if not records:
                return
            fetched = {partition: records}
            if new_offsets := await member.new_offsets(self._client, fetched):
                await member.handle(self._client, fetched, new_offsets)
        except Exception:
            member.forget([partition])  # as a member that joins again
            raise
