"""The lane of one read model: offsets, transactions and a pace of its own, on a fetch that all lanes share.

A lane that does not keep up (slow, failing, or halted because its tables hold another version) leaves the
shared fetch. It reads alone, with a client of its own, until it has caught up, and joins again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeAlias

import structlog
from aiokafka import TopicPartition

from kernel import waiting
from kernel.errors import OffsetFenced
from kernel.messaging.batch import Handler
from kernel.messaging.batch_consumer import BatchConsumer
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import HEARTBEAT_TIMEOUT, MAX_RECORDS
from kernel.messaging.offsets import Offset
from kernel.messaging.transient import is_transient
from kernel.messaging.undecodable import fetch
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.read_models import LAG
from kernel.projections.rebuild.version_gate import VersionGate
from kernel.projections.shared_batch import SharedBatch
from kernel.service.runtime import run_and_report
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
MAX_TRIES = 3
"""Of a batch of the shared fetch; afterwards the lane reads it again by itself."""
POLL_MS = 500

Positions: TypeAlias = "Mapping[TopicPartition, Offset]"
"""Up to where the shared fetch has delivered."""


class Lane:
    def __init__(
        self,
        topics: Iterable[str],
        handler: Handler,
        store: EventStore,
        gate: VersionGate,
        kafka: KafkaConnection,
        heartbeats: Heartbeats,
        *,
        selective: bool = False,
    ) -> None:
        """The lane's offsets, deduplication and dead letters have the name of the handler's scope. It sends
        heartbeats while it works; without work, or while its tables hold another version, none is due.
        ``selective``: see ``kernel.messaging.own_streams``."""
        self.scope = handler.scope
        self._heartbeats = heartbeats
        self._beat = f"read model {handler.scope}"
        heartbeats.register(self._beat, limit=HEARTBEAT_TIMEOUT)
        heartbeats.started(self._beat)
        heartbeats.rest(self._beat)
        self.topics = frozenset(topics)
        self._batches = BatchConsumer(handler.scope, [handler], store, gate.guard, selective=selective)
        self.offsets = self._batches.offsets
        self._gate = gate
        self._kafka = kafka
        self._is_current = False
        self._work: asyncio.Task[None] | None = None
        expose(Part.READ_MODELS)
        LAG.labels(handler.scope.rpartition(".")[2]).set_function(self._batches.lag.longest)

    async def seek(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Load the offsets. ``consumer`` is left somewhere: the caller seeks afterwards."""
        own = [partition for partition in partitions if partition.topic in self.topics]
        if own:
            await self.offsets.seek(consumer, own)
        self._is_current = await self._gate.is_current()

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Another member may have the partitions from now on."""
        if self._work:
            self._work.cancel()
        self.offsets.forget(partitions)

    def follows(self, positions: Positions) -> bool:
        """Whether it can take the next records of the shared fetch."""
        return self._is_current and not self._is_busy() and not self._is_behind(positions)

    def deliver(self, batch: SharedBatch, client: KafkaConsumer, positions: Positions) -> asyncio.Task[None]:
        """Handle what is new of these records. If it takes too long, the shared fetch goes on meanwhile."""
        work = self._start(self._handle(batch, client))
        work.add_done_callback(lambda _: self.catch_up(positions))
        return work

    def observe_lag(self, client: KafkaConsumer) -> None:
        """``client``: that of the shared fetch."""
        self._batches.observe_lag(client)

    def catch_up(self, positions: Positions) -> None:
        """Read alone, if the lane does not follow and nothing is under way that changes this."""
        if not self._is_busy() and not self.follows(positions):
            LOG.info("projection_left_shared_fetch", scope=self.scope, is_current=self._is_current)
            self._start(self._catch_up(self._work, positions))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._heartbeats.beat(self._beat)
        self._work = asyncio.create_task(work)
        self._work.add_done_callback(self._rest)
        return self._work

    def _rest(self, ended: asyncio.Task[None]) -> None:
        if ended is self._work:
            self._heartbeats.rest(self._beat)

    def _is_busy(self) -> bool:
        return self._work is not None and not self._work.done() and not self._work.cancelling()

    def _is_behind(self, positions: Positions) -> bool:
        return any(
            partition in self.offsets and self.offsets[partition].next_offset < position.next_offset
            for partition, position in positions.items()
        )

    async def _handle(self, batch: SharedBatch, client: KafkaConsumer) -> None:
        """Never raises: what is not handled here, the lane reads again."""
        try:
            for _ in range(MAX_TRIES):
                fetched = batch.rest(self.topics, self.offsets)
                new_offsets = await self._batches.new_offsets(client, fetched)
                if not new_offsets:
                    return
                selected = {partition: fetched[partition] for partition in new_offsets}
                await self._batches.handle(client, selected, new_offsets, batch.received(selected))
                self._heartbeats.beat(self._beat)
        except Exception as error:
            self._note(error)

    async def _catch_up(self, earlier: asyncio.Task[None] | None, positions: Positions) -> None:
        """Begins when ``earlier`` work that was cancelled has been rolled back."""
        if earlier:
            await asyncio.wait([earlier])
        backoff = waiting.Backoff()
        while True:
            self._heartbeats.beat(self._beat)
            if error := await run_and_report(self._read_alone(positions)):
                self._note(error)
                await backoff.wait()
                continue
            self._is_current = True
            if not self._is_behind(positions):  # the shared fetch may have gone on while the client stopped
                LOG.info("projection_joined_shared_fetch", scope=self.scope)
                return

    async def _read_alone(self, positions: Positions) -> None:
        """Once it is current, read up to the positions of the shared fetch, which go on meanwhile."""
        self._heartbeats.rest(self._beat)
        await self._gate.wait_until_current()
        self._heartbeats.beat(self._beat)
        client = KafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **self._kafka.client_options()
        )
        try:
            await client.start()
            partitions = [partition for partition in positions if partition in self.offsets]
            client.assign(partitions)
            self._heartbeats.beat(self._beat)
            await self.offsets.seek(client, partitions)  # another process or a swap may have moved them
            while self._is_behind(positions):
                self._heartbeats.beat(self._beat)
                begin = {partition: self.offsets[partition].next_offset for partition in partitions}
                fetched = await fetch(client, begin, POLL_MS, MAX_RECORDS)
                if new_offsets := await self._batches.new_offsets(client, fetched):
                    selected = {partition: fetched[partition] for partition in new_offsets}
                    await self._batches.handle(client, selected, new_offsets)
        finally:
            await client.stop()

    def _note(self, error: BaseException) -> None:
        if isinstance(error, OffsetFenced):
            self._is_current = False
        if is_transient(error):
            LOG.warning("projection_interrupted", scope=self.scope, error=repr(error))
        else:
            LOG.error("projection_failed", scope=self.scope, exc_info=error)
