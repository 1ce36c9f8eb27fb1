"""Read topics in batches: offsets, facts, timers and outgoing commands change in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from uuid import uuid4

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition

from kernel import waiting
from kernel.faults import failpoints
from kernel.health import Heartbeats
from kernel.messaging.batch import Guard, Handler
from kernel.messaging.batch_consumer import BatchConsumer
from kernel.messaging.broker import cluster_id, forget_members
from kernel.messaging.clients import CALL_SECONDS, ClientBroken, KafkaConsumer
from kernel.messaging.deduplication import Record
from kernel.messaging.offset_reporting import OffsetReporter
from kernel.messaging.on_demand_fetch import MAX_WAIT_MS, install
from kernel.messaging.throttle import Throttle
from kernel.messaging.transient import is_transient
from kernel.messaging.undecodable import UNDECODABLE, one_by_one
from kernel.runtime import run_and_report
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
MOST_RECORDS = 500
POLL_MS = 1000
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
SESSION_MS, REBALANCE_MS = 10_000, 60_000
STALE_AFTER = 3 * CALL_SECONDS
"""Beyond what two calls of a client in a row may take: an outage of Kafka must not look like a dead loop."""
JOINS_WITHIN = (SESSION_MS + REBALANCE_MS) / 1000 + 20.0
"""Seconds: by then the group has given a member its partitions, or the member's client is at fault."""
LOOK_AT_TOPICS_MS = 5_000
"""Who joins a group while an emptied broker has no topics yet is given nothing until this look."""
PACE = 0.02
"""Seconds between the beginnings of two batches, where somebody waits for the answer."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the library ships no types
    """One member of one group. Its place in the topics is the database's, never Kafka's."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        handlers: Sequence[Handler],
        store: EventStore,
        bootstrap: str,
        heartbeats: Heartbeats,
        pace: float = PACE,
        guard: Guard | None = None,
        most: int = MOST_RECORDS,
        instance: str | None = None,
    ) -> None:
        """``instance``: of this process, and again of the one that is started when it has died; without one
        Kafka waits for the end of a dead member's session."""
        self._group = group
        self._client_id = f"{group}.{instance or uuid4().hex}"
        self._topics = topics
        self._bootstrap = bootstrap
        self._heartbeats = heartbeats
        self._beat = f"consumer {group}"
        self._batches = BatchConsumer(group, handlers, store, guard)
        self._places = self._batches.places
        self._in_batch = asyncio.Lock()
        self._pace = Throttle(pace)
        self._most = most
        self._telling = OffsetReporter(group, self._places)
        self._is_member = False
        self._joining_since = 0.0
        self._pause = SHORTEST_PAUSE
        heartbeats.register(self._beat, limit=STALE_AFTER)

    async def run(self) -> None:
        """Consume until cancelled; whatever breaks is started again after a pause. It counts as started when
        it has been given its partitions, and has found its places in them."""
        while True:
            self._heartbeats.beat(self._beat)
            broken = await run_and_report(self._consume())
            if broken is None or is_transient(broken):
                LOG.warning("consumer_interrupted", group=self._group, error=repr(broken))
            else:
                LOG.error("consumer_failed", group=self._group, exc_info=broken)
            await waiting.jitter(0.05, self._pause)
            self._pause = min(LONGEST_PAUSE, self._pause * 2)

    async def _consume(self) -> None:
        """Returns only by an exception."""
        if forgotten := await forget_members(self._bootstrap, self._group, self._client_id):
            LOG.info("group_members_forgotten", group=self._group, members=forgotten)
        self._heartbeats.beat(self._beat)
        consumer = self._client()
        try:
            await consumer.start()
            install(consumer)
            self._is_joining()
            consumer.subscribe(self._topics, listener=self)
            while True:
                await self._step(consumer)
                self._pause = SHORTEST_PAUSE
        finally:
            self._places.forget(list(consumer.assignment()))
            await consumer.stop()

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Finish the batch at hand before somebody else begins where it ends."""
        async with self._in_batch:
            failpoints.active and await failpoints.hit("consumer.on_revoke")
            self._places.forget(revoked)
        self._is_joining()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:  # noqa: ARG002  # the client names it
        """Places are found in ``_step``: the client only logs what goes wrong here."""
        self._is_member = True

    def _is_joining(self) -> None:
        self._is_member, self._joining_since = False, time.monotonic()

    async def _step(self, consumer: KafkaConsumer) -> None:
        self._heartbeats.beat(self._beat)
        async with self._in_batch:
            unplaced = [it for it in consumer.assignment() if it not in self._places]
            if unplaced:
                # a broker that has lost everything shows itself by a rebalance
                self._places.cluster_id = await cluster_id(self._bootstrap)
                self._heartbeats.beat(self._beat)
                await self._places.find(consumer, unplaced)
            if self._is_member:
                self._heartbeats.started(self._beat)
            elif time.monotonic() - self._joining_since > JOINS_WITHIN:
                raise ClientBroken(f"{self._group} has given this member no partitions")
        if self._waiting(consumer) < self._most:
            await self._pace.rest()
        found = await self._fetch(consumer)
        async with self._in_batch:
            ours = {it: records for it, records in found.items() if records and it in self._places}
            if reached := await self._batches.reached(consumer, ours):
                self._pace.begin()
                await self._batches.handle(consumer, {it: ours[it] for it in reached}, reached)
        await self._telling.report(consumer, found)

    def _waiting(self, consumer: KafkaConsumer) -> int:
        """How many records are known to lie there still; where they fill a batch, it need not gather."""
        ours = [it for it in consumer.assignment() if it in self._places]
        return sum(max(0, (consumer.highwater(it) or 0) - self._places[it].next_offset) for it in ours)

    async def _fetch(self, consumer: KafkaConsumer) -> Mapping[TopicPartition, Sequence[Record]]:
        try:
            found: Mapping[TopicPartition, Sequence[Record]] = await consumer.getmany(
                timeout_ms=POLL_MS, max_records=self._most
            )
        except UNDECODABLE as error:
            LOG.warning("undecodable_record_search_started", group=self._group, error=repr(error))
            found = await self._fetch_carefully(consumer)
        return found

    async def _fetch_carefully(self, consumer: KafkaConsumer) -> Mapping[TopicPartition, Sequence[Record]]:
        """The client does not say where it failed, and has dropped what it had of the other partitions."""
        found: dict[TopicPartition, Sequence[Record]] = {}
        ends = await consumer.end_offsets([it for it in consumer.assignment() if it in self._places])
        for partition, end in ends.items():
            self._heartbeats.beat(self._beat)
            if partition in self._places:
                begin = self._places[partition].next_offset
                found[partition] = await one_by_one(consumer, partition, begin, end, self._most)
        return found

    def _client(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            client_id=self._client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=MAX_WAIT_MS,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=REBALANCE_MS,
            metadata_max_age_ms=LOOK_AT_TOPICS_MS,
        )
