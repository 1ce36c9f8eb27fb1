"""Copy the log to Kafka, byte for byte, in the order of positions.

Every process of a service runs one; a lock in the database lets one of them work, and the epoch on the
cursor row refuses whoever has been replaced without noticing. A crash may repeat records, never skip.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import structlog

from kernel import waiting
from kernel.advisory_locks import RELAY_LEADER
from kernel.faults import failpoints
from kernel.messaging.clients import CALL_SECONDS, KafkaProducer, in_time
from kernel.messaging.cluster_pinning import pin_to_cluster
from kernel.messaging.record_batches import LARGEST_BATCH, LARGEST_REQUEST, Outgoing, Sent
from kernel.messaging.relay_cursor import BrokerDataLost, Cursor, take_over
from kernel.messaging.throttle import Throttle
from kernel.metrics import RELAY_LAG, RELAY_POSITION
from kernel.runtime import run_and_report, run_until_first
from kernel.store.loading import read_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kernel.health import Heartbeats

LOG = structlog.get_logger()
PAGE = 500
PAGES_IN_FLIGHT = 8
IDLE_POLL = 1.0
PACE = 0.01
"""Seconds between the beginnings of two pages."""
CHECKPOINT_INTERVAL = 0.25
"""Seconds: what was sent in the last of them may be sent again after a crash."""
LOOK_AT_BROKER_EVERY = 10.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
REQUEST_MS = 20_000
ACKNOWLEDGED_WITHIN = 3 * REQUEST_MS / 1000
"""Seconds: a batch gives up by itself some time after its request has."""
ANSWER_SECONDS = 20.0
"""A database that says nothing for so long is behind a dead connection, which nobody would ever tell us."""
SEEN_DEAD_WITHIN = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""By the database, of a relay that vanishes with its machine: until then it holds the lead. Two hours by
default."""
BEAT = "relay"
STALE_AFTER = 5 * CALL_SECONDS
"""Beyond what taking over may ask of a broker in a row: its outage must not look like a dead loop."""


class Page(NamedTuple):
    last_position: int
    batches: Sequence[Sent]


class Relay:
    def __init__(self, service: str, database_url: str, bootstrap: str, heartbeats: Heartbeats) -> None:
        self._service = service
        self._database_url = database_url
        self._bootstrap = bootstrap
        self._heartbeats = heartbeats
        self._wake = asyncio.Event()
        self._read_to = 0
        heartbeats.register(BEAT, limit=STALE_AFTER)

    async def run(self) -> None:
        """Copy until cancelled; whatever breaks is started again after a pause."""
        self._heartbeats.started(BEAT)
        pause = SHORTEST_PAUSE
        while True:
            self._heartbeats.beat(BEAT)
            began = time.monotonic()
            broken = await run_and_report(self._take_part())
            LOG.warning("relay_interrupted", error=repr(broken))
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = SHORTEST_PAUSE
            await waiting.jitter(0.05, pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _take_part(self) -> None:
        async with AsyncExitStack() as stack:
            await self._run_as_leader(stack)

    # failpoint: none needed (session-lock)
    async def _run_as_leader(self, stack: AsyncExitStack) -> None:
        """Wait to be the one, then copy. Returns only by an exception."""
        reader = await stack.enter_async_context(self._connection())
        while not await reader.fetchval("SELECT pg_try_advisory_lock($1)", RELAY_LEADER):
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(IDLE_POLL)
        # a lost advance is repeated work, never a lost record: it need not wait for the disk
        writer = await stack.enter_async_context(self._connection(synchronous_commit="off"))
        cursor = await take_over(writer, self._bootstrap)
        LOG.info("relay_leading", epoch=cursor.epoch, position=cursor.position, generation=cursor.generation)
        await reader.add_listener("log", lambda *_: self._wake.set())
        producer, elsewhere = await stack.enter_async_context(self._producer(cursor))
        pages: asyncio.Queue[Page] = asyncio.Queue(PAGES_IN_FLIGHT)
        await run_until_first(
            self._publish(reader, producer, cursor, pages),
            self._advance_cursor(writer, cursor, pages),
            self._watch_broker(cursor, elsewhere),
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
        outgoing = Outgoing(producer, source, generation)
        # what is handed over waits for the batch before it as it is: that is rest enough
        pace = Throttle(PACE, share=1)
        while True:
            self._heartbeats.beat(BEAT)
            self._wake.clear()
            rows = await read_log(reader, position, PAGE)
            if rows:
                failpoints.active and await failpoints.hit("relay.after_read")
                pace.begin()
                batches = await outgoing.send(rows)
                position = self._read_to = rows[-1]["position"]
                await pages.put(Page(position, batches))
                await pace.rest()
            if len(rows) < PAGE:
                await _wait(self._wake, IDLE_POLL)

    async def _advance_cursor(
        self, writer: asyncpg.Connection[asyncpg.Record], cursor: Cursor, pages: asyncio.Queue[Page]
    ) -> None:
        """Move the cursor behind what the broker has acknowledged, oldest page first."""
        noted = 0.0
        settled = cursor.position
        while True:
            try:
                async with asyncio.timeout(CHECKPOINT_INTERVAL if settled > cursor.position else None):
                    page = await pages.get()
            except TimeoutError:
                page = None
            if page is not None:
                for batch in page.batches:
                    acknowledged = await in_time(batch.acknowledgement, ACKNOWLEDGED_WITHIN)
                    cursor.acknowledged(acknowledged, batch.records)
                failpoints.active and await failpoints.hit("relay.after_send")
                settled = page.last_position
            if settled > cursor.position and (page is None or time.monotonic() - noted > CHECKPOINT_INTERVAL):
                await cursor.advance(writer, settled)
                failpoints.active and await failpoints.hit("relay.after_cursor")
                noted = time.monotonic()
                RELAY_POSITION.set(settled)
                RELAY_LAG.set(self._read_to - settled)

    async def _watch_broker(self, cursor: Cursor, elsewhere: asyncio.Event) -> None:
        """An emptied broker is noticed also while there is nothing to send."""
        while True:
            await _wait(elsewhere, LOOK_AT_BROKER_EVERY)
            if elsewhere.is_set() or await cursor.tail_is_lost(self._bootstrap):
                raise BrokerDataLost

    @asynccontextmanager
    async def _connection(self, **settings: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        connection = await asyncpg.connect(
            self._database_url,
            timeout=ANSWER_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings={
                "application_name": f"{self._service} relay",
                **SEEN_DEAD_WITHIN,
                **settings,
            },
        )
        try:
            yield connection
        finally:
            connection.terminate()

    @asynccontextmanager
    async def _producer(self, cursor: Cursor) -> AsyncIterator[tuple[KafkaProducer, asyncio.Event]]:
        """And an event that tells that another broker is there."""
        producer = KafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=f"{self._service}-relay",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_REQUEST,
            request_timeout_ms=REQUEST_MS,
        )
        elsewhere = pin_to_cluster(producer, str(cursor.cluster_id))
        try:
            await producer.start()
            yield producer, elsewhere
        finally:
            # What is still queued must not go out behind a failed record: it is sent again from the cursor.
            await producer.drop()


async def _wait(event: asyncio.Event, limit: float) -> None:
    """Return when it is set, or when the time is up."""
    try:
        async with asyncio.timeout(limit):
            await event.wait()
    except TimeoutError:
        pass
