"""Consume topics in batches: offsets, facts, timers and sent commands are stored in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import uuid4

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition

from kernel import waiting
from kernel.faults import failpoints
from kernel.messaging.batch import Guard, Handler
from kernel.messaging.batch_consumer import BatchConsumer, Fetched
from kernel.messaging.broker import cluster_id, remove_members
from kernel.messaging.clients import CALL_TIMEOUT, ClientBroken, KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.deduplication import Record
from kernel.messaging.offset_reporting import OffsetReporter
from kernel.messaging.offsets import Offset
from kernel.messaging.on_demand_fetch import MAX_WAIT_MS, install
from kernel.messaging.throttle import Throttle
from kernel.messaging.transient import is_transient
from kernel.messaging.undecodable import UNDECODABLE, fetch_one_by_one
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.consumers import REBALANCES
from kernel.service.runtime import run_and_report, run_forever
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
MAX_RECORDS = 500
POLL_TIMEOUT_MS = 1000
SESSION_TIMEOUT_MS, REBALANCE_TIMEOUT_MS = 10_000, 60_000
HEARTBEAT_TIMEOUT = 3 * CALL_TIMEOUT
"""Longer than two calls of a client in a row: an outage of Kafka must not look like a dead loop."""
JOIN_TIMEOUT = (SESSION_TIMEOUT_MS + REBALANCE_TIMEOUT_MS) / 1000 + 20.0
"""A member without partitions after so many seconds has a broken client."""
METADATA_REFRESH_MS = 5_000
"""How soon a member notices topics that an emptied broker has got after it joined."""
MIN_BATCH_INTERVAL = 0.02
"""Seconds between the beginnings of two batches, for groups on the way of a request's answer."""


class Offsets(Protocol):
    """Where a member continues in each of its partitions."""

    cluster_id: str

    def __contains__(self, partition: TopicPartition) -> bool: ...

    def __getitem__(self, partition: TopicPartition) -> Offset: ...

    def forget(self, partitions: Iterable[TopicPartition]) -> None: ...

    async def seek(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Load the offset of each partition, and seek to it."""


class Receiver(Protocol):
    """Handles what a member fetches: see ``BatchConsumer``."""

    @property
    def offsets(self) -> Offsets: ...

    async def new_offsets(
        self, consumer: KafkaConsumer, fetched: Fetched
    ) -> Mapping[TopicPartition, Offset]: ...

    async def handle(
        self, consumer: KafkaConsumer, fetched: Fetched, new_offsets: Mapping[TopicPartition, Offset]
    ) -> None: ...

    def observe_lag(self, consumer: KafkaConsumer) -> None:
        """For the metrics of all partitions that the client is assigned, also without new records."""


class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc]  # the library ships no types
    """One member of one group, which fetches for one receiver."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        receiver: Receiver,
        kafka: KafkaConnection,
        heartbeats: Heartbeats,
        min_interval: float = MIN_BATCH_INTERVAL,
        max_records: int = MAX_RECORDS,
        instance: str | None = None,
    ) -> None:
        """``instance``: an id that a restarted process shares with its predecessor, so that the dead member
        can be removed from the group. Without it Kafka waits for the end of that member's session."""
        self._group = group
        self._client_id = f"{group}.{instance or uuid4().hex}"
        self._topics = topics
        self._kafka = kafka
        self._heartbeats = heartbeats
        self._beat = f"consumer {group}"
        self._receiver = receiver
        self._offsets = receiver.offsets
        self._in_batch = asyncio.Lock()
        self._throttle = Throttle(min_interval)
        self._max_records = max_records
        self._reporter = OffsetReporter(group, self._offsets)
        self._is_member = False
        self._joining_since = 0.0
        self._backoff = waiting.Backoff()
        heartbeats.register(self._beat, limit=HEARTBEAT_TIMEOUT)

    async def run(self) -> None:
        """Consume until cancelled; after an error start again with a pause. It counts as started once it has
        partitions and their offsets."""
        await run_forever(
            self._consume_until_error, self._backoff.wait, lambda: self._heartbeats.beat(self._beat)
        )

    async def _consume_until_error(self) -> None:
        error = await run_and_report(self._consume())
        if error is None or is_transient(error):
            LOG.warning("consumer_interrupted", group=self._group, error=repr(error))
        else:
            LOG.error("consumer_failed", group=self._group, exc_info=error)

    async def _consume(self) -> None:
        """Never returns; ends by an exception."""
        if removed := await remove_members(self._kafka, self._group, self._client_id):
            LOG.info("dead_members_removed", group=self._group, members=removed)
        self._heartbeats.beat(self._beat)
        consumer = self._client()
        try:
            await consumer.start()
            install(consumer)
            self._note_joining()
            consumer.subscribe(self._topics, listener=self)
            while True:
                await self._step(consumer)
                self._backoff.reset()
        finally:
            self._offsets.forget(list(consumer.assignment()))
            await consumer.stop()

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Finish the current batch before another member continues behind it."""
        async with self._in_batch:
            failpoints.active and await failpoints.hit("consumer.on_revoke")
            self._offsets.forget(revoked)
        self._note_joining()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:  # noqa: ARG002  # the library's interface
        """``_step`` loads the offsets: the client only logs errors that are raised here."""
        REBALANCES.labels(self._group).inc()
        self._is_member = True

    def _note_joining(self) -> None:
        self._is_member, self._joining_since = False, time.monotonic()

    async def _step(self, consumer: KafkaConsumer) -> None:
        self._heartbeats.beat(self._beat)
        async with self._in_batch:
            unknown = [part for part in consumer.assignment() if part not in self._offsets]
            if unknown:
                # a broker that has lost its data causes a rebalance
                self._offsets.cluster_id = await cluster_id(self._kafka)
                self._heartbeats.beat(self._beat)
                await self._offsets.seek(consumer, unknown)
            consumer.check_topics(self._topics)
            if self._is_member:
                self._heartbeats.started(self._beat)
            elif time.monotonic() - self._joining_since > JOIN_TIMEOUT:
                raise ClientBroken(f"{self._group} has given this member no partitions")
        if self._lag(consumer) < self._max_records:
            await self._throttle.wait()
        fetched = await self._fetch(consumer)
        async with self._in_batch:
            self._receiver.observe_lag(consumer)
            owned = {part: records for part, records in fetched.items() if records and part in self._offsets}
            if new_offsets := await self._receiver.new_offsets(consumer, owned):
                self._throttle.begin()
                new = {part: owned[part] for part in new_offsets}
                await self._receiver.handle(consumer, new, new_offsets)
        await self._reporter.report(consumer)

    def _lag(self, consumer: KafkaConsumer) -> int:
        """Unread records that are known of. If they fill a batch, throttling would gain nothing."""
        owned = [part for part in consumer.assignment() if part in self._offsets]
        return sum(
            max(0, (consumer.highwater(part) or 0) - self._offsets[part].next_offset) for part in owned
        )

    async def _fetch(self, consumer: KafkaConsumer) -> Mapping[TopicPartition, Sequence[Record]]:
        try:
            fetched: Mapping[TopicPartition, Sequence[Record]] = await consumer.getmany(
                timeout_ms=POLL_TIMEOUT_MS, max_records=self._max_records
            )
        except UNDECODABLE as error:
            LOG.warning("undecodable_record_search_started", group=self._group, error=repr(error))
            fetched = await self._fetch_one_by_one(consumer)
        return fetched

    async def _fetch_one_by_one(self, consumer: KafkaConsumer) -> Mapping[TopicPartition, Sequence[Record]]:
        """The client's error does not name the record, and the client has dropped its other fetched
        records."""
        fetched: dict[TopicPartition, Sequence[Record]] = {}
        ends = await consumer.end_offsets([part for part in consumer.assignment() if part in self._offsets])
        for partition, end in ends.items():
            self._heartbeats.beat(self._beat)
            if partition in self._offsets:
                begin = self._offsets[partition].next_offset
                fetched[partition] = await fetch_one_by_one(
                    consumer, partition, begin, end, self._max_records
                )
        return fetched

    def _client(self) -> KafkaConsumer:
        return KafkaConsumer(
            **self._kafka.client_options(),
            group_id=self._group,
            client_id=self._client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=MAX_WAIT_MS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            metadata_max_age_ms=METADATA_REFRESH_MS,
        )


class Consumer(GroupMember):
    """A member whose handlers share the group's offsets, which are those in the database, never Kafka's."""

    def __init__(
        self,
        group: str,
        topics: Sequence[str],
        handlers: Sequence[Handler],
        store: EventStore,
        kafka: KafkaConnection,
        heartbeats: Heartbeats,
        min_interval: float = MIN_BATCH_INTERVAL,
        guard: Guard | None = None,
        max_records: int = MAX_RECORDS,
        instance: str | None = None,
        selective: bool = False,
    ) -> None:
        batches = BatchConsumer(group, handlers, store, guard, selective=selective)
        super().__init__(group, topics, batches, kafka, heartbeats, min_interval, max_records, instance)
