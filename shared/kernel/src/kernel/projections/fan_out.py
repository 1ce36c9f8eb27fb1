"""Give the records of one fetch to the lanes of all read models; the slowest does not set the pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Self, cast
from uuid import UUID

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.messaging.batch import Handler
from kernel.messaging.batch_consumer import Fetched
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.offsets import Offset
from kernel.observability.health import Heartbeats
from kernel.projections.lane import Lane
from kernel.projections.rebuild.version_gate import VersionGate
from kernel.projections.registry import ProjectionRegistry
from kernel.projections.shared_batch import SharedBatch
from kernel.store.event_store import EventStore

MOST_SECONDS = 2.0
"""How long to wait for half of the lanes of a batch. They share one core, so their time is that of all."""
PATIENCE_SECONDS = 0.25
"""How much longer to wait for the others, at least: as long again, if half of them took longer. A lane that
takes longer still catches up alone, which reads and decodes each record once more."""


class FanOut:
    """Implements ``kernel.messaging.consumer.Receiver``."""

    def __init__(self, lanes: Sequence[Lane], messages: MessageRegistry) -> None:
        self._lanes = lanes
        self._messages = messages
        self.offsets = Positions(lanes)

    @classmethod
    def of(
        cls,
        registry: ProjectionRegistry,
        handlers: Mapping[str, Handler],
        store: EventStore,
        start_run: Callable[[UUID], None],
        kafka: KafkaConnection,
        heartbeats: Heartbeats,
    ) -> Self:
        """``handlers``: by the read model's scope; ``start_run`` starts the rebuild of an outdated one."""
        lanes = [
            Lane(
                registry.topics_of(model),
                handlers[model.scope],
                store,
                VersionGate(store.pool, model, start_run),
                kafka,
                heartbeats,
                selective=model.selective,
            )
            for model in registry.models
        ]
        return cls(lanes, registry.messages)

    async def new_offsets(
        self,
        consumer: KafkaConsumer,  # noqa: ARG002  # the interface's
        fetched: Fetched,
    ) -> Mapping[TopicPartition, Offset]:
        """Where the client has gone back by itself, since the broker has lost the records at its position,
        the offsets of all lanes are loaded and checked again."""
        gone_back = [
            partition
            for partition, records in fetched.items()
            if records[0].offset < self.offsets[partition].next_offset
        ]
        if gone_back:
            self.offsets.forget(gone_back)
        return {
            partition: Offset(records[-1].offset + 1, 0)
            for partition, records in fetched.items()
            if partition in self.offsets
        }

    async def handle(
        self, consumer: KafkaConsumer, fetched: Fetched, new_offsets: Mapping[TopicPartition, Offset]
    ) -> None:
        """Never raises: a lane that fails does not concern the others."""
        batch = SharedBatch(fetched, self._messages)
        client = cast("KafkaConsumer", SharedClient(consumer))
        following = [lane for lane in self._lanes if lane.follows(self.offsets)]
        topics = {partition.topic for partition in fetched}
        tasks = {
            lane.deliver(batch, client, self.offsets): not topics.isdisjoint(lane.topics)
            for lane in following
        }
        await wait_for_most([task for task, has_records in tasks.items() if has_records])
        self.offsets.delivered(new_offsets)
        self.offsets.skip_handled(consumer, new_offsets)

    def observe_lag(self, consumer: KafkaConsumer) -> None:
        for lane in self._lanes:
            lane.observe_lag(consumer)


async def wait_for_most(tasks: Collection[asyncio.Task[None]]) -> None:
    """Lanes without records of the batch do not count: they end at once."""
    loop = asyncio.get_running_loop()
    began, waiting = loop.time(), set(tasks)
    while 2 * len(waiting) > len(tasks) and (left := began + MOST_SECONDS - loop.time()) > 0:
        _, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    if waiting:
        await asyncio.wait(waiting, timeout=max(PATIENCE_SECONDS, loop.time() - began))


class Positions(Mapping[TopicPartition, Offset]):
    """Up to where the shared fetch has delivered: at first, the offset of the lane that is furthest."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._positions: dict[TopicPartition, Offset] = {}
        self._cluster_id = ""

    def __getitem__(self, partition: TopicPartition) -> Offset:
        return self._positions[partition]

    def __iter__(self) -> Iterator[TopicPartition]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def cluster_id(self) -> str:
        return self._cluster_id

    @cluster_id.setter
    def cluster_id(self, cluster_id: str) -> None:
        self._cluster_id = cluster_id
        for lane in self._lanes:
            lane.offsets.cluster_id = cluster_id

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        forgotten = list(partitions)
        for lane in self._lanes:
            lane.forget(forgotten)
        for partition in forgotten:
            self._positions.pop(partition, None)

    async def seek(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        assigned = list(partitions)
        for lane in self._lanes:
            await lane.seek(consumer, assigned)
        for partition in assigned:
            reached = [lane.offsets[partition] for lane in self._lanes if partition in lane.offsets]
            self._positions[partition] = max(reached, key=lambda offset: offset.next_offset)
            consumer.seek(partition, self._positions[partition].next_offset)
        self._catch_up()

    def delivered(self, new_offsets: Mapping[TopicPartition, Offset]) -> None:
        self._positions |= new_offsets
        self._catch_up()

    def skip_handled(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Do not fetch what all lanes have handled already, such as after their swaps."""
        for partition in partitions:
            offsets = [lane.offsets[partition] for lane in self._lanes if partition in lane.offsets]
            least = min(offsets, key=lambda offset: offset.next_offset)
            if least.next_offset > self._positions[partition].next_offset:
                self._positions[partition] = least
                consumer.seek(partition, least.next_offset)

    def _catch_up(self) -> None:
        for lane in self._lanes:
            lane.catch_up(self)


class SharedClient:
    """The client of the shared fetch as a lane may use it: a lane that has to read again does so alone."""

    def __init__(self, client: KafkaConsumer) -> None:
        self._client = client

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset()

    def highwater(self, partition: TopicPartition) -> int | None:
        end: int | None = self._client.highwater(partition)
        return end

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """The lane is behind the shared fetch from now on."""

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        beginnings: Mapping[TopicPartition, int] = await self._client.beginning_offsets(partitions)
        return beginnings
