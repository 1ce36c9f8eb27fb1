"""Copy the log to Kafka, byte for byte, in the order of positions.

Every process of a service runs a relay; a lock in the database elects one leader, and the epoch on the cursor
row fences a leader that has been replaced without noticing. A crash may repeat records, never skip any.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from kernel import waiting
from kernel.faults import failpoints
from kernel.messaging.clients import CALL_TIMEOUT, KafkaProducer, with_timeout
from kernel.messaging.cluster_pinning import pin_to_cluster
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.record_batches import MAX_BATCH_BYTES, MAX_REQUEST_BYTES, BatchSender, SentBatch
from kernel.messaging.relay_cursor import BrokerDataLost, Cursor, RelayFenced, take_over
from kernel.messaging.throttle import Throttle
from kernel.observability import tracing
from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.log import RELAY_LEADER, RELAY_PUBLISHED, RELAY_RESTARTS
from kernel.postgres import advisory_locks
from kernel.postgres.connections import is_outage
from kernel.service.runtime import run_and_report, run_forever, run_until_first
from kernel.store.loading import read_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kernel.messaging.log_guard import LogGuard
    from kernel.observability.health import Heartbeats

LOG = structlog.get_logger()
PAGE_SIZE = 500
MAX_PAGES_IN_FLIGHT = 8
IDLE_POLL_SECONDS = 1.0
MIN_PAGE_INTERVAL = 0.01
"""Seconds between the beginnings of two pages."""
CHECKPOINT_INTERVAL = 0.25
"""Seconds. Records that were sent in the last interval may be sent again after a crash."""
BROKER_CHECK_SECONDS = 10.0
RUN_SECONDS_FOR_RESET = 2.0
"""A run that has lasted longer counts as a success: the pause after its error is a short one."""
REQUEST_TIMEOUT_MS = 20_000
ACKNOWLEDGEMENT_TIMEOUT = 3 * REQUEST_TIMEOUT_MS / 1000
"""Seconds; longer than a request's, for the library fails a batch only some time after its request."""
DATABASE_TIMEOUT = 20.0
"""Seconds without an answer, after which the connection counts as dead: no error may ever arrive."""
TCP_KEEPALIVE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""So that the database soon notices a leader that vanishes with its machine, and frees its lock. By default
it takes two hours."""
PUBLISHING: tracing.Attributes = {"messaging.system": "kafka", "messaging.operation.type": "send"}
BEAT = "relay"
HEARTBEAT_TIMEOUT = 5 * CALL_TIMEOUT
"""Longer than all the broker calls of a take-over: an outage of Kafka must not look like a dead loop."""


class Page(NamedTuple):
    last_position: int
    batches: Sequence[SentBatch]


class Relay:
    def __init__(
        self,
        service: str,
        database_url: str,
        kafka: KafkaConnection,
        heartbeats: Heartbeats,
        guard: LogGuard | None = None,
    ) -> None:
        """``guard``: compares the log with the topics before this relay leads; None: nothing else has ever
        published to them."""
        expose(Part.LOG)
        self._service = service
        self._database_url = database_url
        self._kafka = kafka
        self._heartbeats = heartbeats
        self._guard = guard
        self._backoff = waiting.Backoff()
        self._wake = asyncio.Event()
        heartbeats.register(BEAT, limit=HEARTBEAT_TIMEOUT)

    async def run(self) -> None:
        """Copy until cancelled; after an error start again with a pause."""
        self._heartbeats.started(BEAT)
        await run_forever(self._lead_once, self._backoff.wait, lambda: self._heartbeats.beat(BEAT))

    async def _lead_once(self) -> None:
        began = time.monotonic()
        error = await run_and_report(self._run_once())
        LOG.warning("relay_interrupted", error=repr(error))
        RELAY_RESTARTS.labels(_reason(error)).inc()
        if time.monotonic() - began > RUN_SECONDS_FOR_RESET:
            self._backoff.reset()

    async def _run_once(self) -> None:
        async with AsyncExitStack() as stack:
            await self._run_as_leader(stack)

    # failpoint: none needed (session-lock)
    async def _run_as_leader(self, stack: AsyncExitStack) -> None:
        """Wait for the leader's lock, then copy. Never returns; ends by an exception."""
        if self._guard is not None:
            self._guard.check()  # a recovery of the log takes the same lock
        reader = await stack.enter_async_context(self._connection())
        while not await reader.fetchval("SELECT pg_try_advisory_lock($1)", advisory_locks.RELAY_LEADER):
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(IDLE_POLL_SECONDS)
        if self._guard is not None:
            await self._guard.compare(lambda: self._heartbeats.beat(BEAT))
        # a lost advance only repeats records, so it need not wait for the disk
        writer = await stack.enter_async_context(self._connection(synchronous_commit="off"))
        cursor = await take_over(writer, self._kafka)
        RELAY_LEADER.set(1)
        stack.callback(RELAY_LEADER.set, 0)
        LOG.info("relay_leading", epoch=cursor.epoch, position=cursor.position, generation=cursor.generation)
        await reader.add_listener("log", lambda *_: self._wake.set())
        producer, other_cluster = await stack.enter_async_context(self._producer(cursor))
        pages: asyncio.Queue[Page] = asyncio.Queue(MAX_PAGES_IN_FLIGHT)
        await run_until_first(
            self._publish(reader, producer, cursor, pages),
            self._advance_cursor(writer, cursor, pages),
            self._watch_broker(cursor, other_cluster),
        )

    async def _publish(
        self,
        reader: asyncpg.Connection[asyncpg.Record],
        producer: KafkaProducer,
        cursor: Cursor,
        pages: asyncio.Queue[Page],
    ) -> None:
        position = cursor.position
        source, generation = f"/feira/{self._service}".encode(), str(cursor.generation).encode()
        sender = BatchSender(producer, source, generation)
        # ratio 1: sending already waits for the partition's earlier batch
        throttle = Throttle(MIN_PAGE_INTERVAL, ratio=1)
        while True:
            self._heartbeats.beat(BEAT)
            self._wake.clear()
            rows = await read_log(reader, position, PAGE_SIZE)
            if rows:
                failpoints.active and await failpoints.hit("relay.after_read")
                throttle.begin()
                causes = {it["traceparent"] for it in rows if it["traceparent"]} if tracing.active else ()
                with tracing.span("publish", "producer", links=causes, attributes=PUBLISHING):
                    batches = await sender.send(rows)
                position = rows[-1]["position"]
                await pages.put(Page(position, batches))
                await throttle.wait()
            if len(rows) < PAGE_SIZE:
                await waiting.wait_at_most(self._wake, IDLE_POLL_SECONDS)

    async def _advance_cursor(
        self, writer: asyncpg.Connection[asyncpg.Record], cursor: Cursor, pages: asyncio.Queue[Page]
    ) -> None:
        """Move the cursor behind the pages that the broker has acknowledged, oldest page first."""
        advanced_at = 0.0
        acknowledged = cursor.position
        while True:
            try:
                async with asyncio.timeout(CHECKPOINT_INTERVAL if acknowledged > cursor.position else None):
                    page = await pages.get()
            except TimeoutError:
                page = None
            if page is not None:
                for batch in page.batches:
                    first = await with_timeout(batch.acknowledgement, ACKNOWLEDGEMENT_TIMEOUT)
                    cursor.note_acknowledged(first, batch.records)
                    RELAY_PUBLISHED.labels(first.topic).inc(batch.records)
                failpoints.active and await failpoints.hit("relay.after_send")
                acknowledged = page.last_position
            is_due = page is None or time.monotonic() - advanced_at > CHECKPOINT_INTERVAL
            if acknowledged > cursor.position and is_due:
                await cursor.advance(writer, acknowledged)
                failpoints.active and await failpoints.hit("relay.after_cursor")
                advanced_at = time.monotonic()

    async def _watch_broker(self, cursor: Cursor, other_cluster: asyncio.Event) -> None:
        """Notice a replaced or emptied broker even while there is nothing to send."""
        while True:
            await waiting.wait_at_most(other_cluster, BROKER_CHECK_SECONDS)
            if other_cluster.is_set() or await cursor.is_tail_lost(self._kafka):
                raise BrokerDataLost

    @asynccontextmanager
    async def _connection(self, **settings: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        connection = await asyncpg.connect(
            self._database_url,
            timeout=DATABASE_TIMEOUT,
            command_timeout=DATABASE_TIMEOUT,
            server_settings={
                "application_name": f"{self._service} relay",
                **TCP_KEEPALIVE,
                **settings,
            },
        )
        try:
            yield connection
        finally:
            connection.terminate()

    @asynccontextmanager
    async def _producer(self, cursor: Cursor) -> AsyncIterator[tuple[KafkaProducer, asyncio.Event]]:
        """The producer, and an event that is set when it meets another cluster."""
        producer = KafkaProducer(
            **self._kafka.client_options(),
            client_id=f"{self._service}-relay",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        other_cluster = pin_to_cluster(producer, str(cursor.cluster_id))
        try:
            await producer.start()
            yield producer, other_cluster
        finally:
            # Queued records must not follow a failed one: they are sent again from the cursor.
            await producer.drop()


def _reason(error: BaseException | None) -> str:
    """One of a closed list, for the metric."""
    match error:
        case RelayFenced():
            return "fenced"
        case BrokerDataLost():
            return "broker_data_lost"
        case KafkaError():
            return "kafka"
        case Exception() if is_outage(error):
            return "database"
        case _:
            return "other"
