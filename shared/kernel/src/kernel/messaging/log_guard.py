"""Compare the log with the service's own topics, and keep the log's fence closed while it lacks a record.

It is done before a service serves, whenever a connection shows another history of the database, and each time
that a relay takes over. A relay that died between sending and moving its cursor is the normal case: what it
had sent is in the log then. ``docs/how-to/restore-a-database.md`` says what to do in the other case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import asyncpg
import orjson
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.registry import MessageRegistry
from kernel import waiting
from kernel.messaging.broker import cluster_id, end_offsets, partitions_of
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.inbound import InboundMessage
from kernel.messaging.own_records import own_records
from kernel.messaging.relay_cursor import partition_named
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.log import RELAY_TOPICS_AHEAD
from kernel.postgres.connections import CONNECT_TIMEOUT, STATEMENT_TIMEOUT, is_outage
from kernel.postgres.log_fence import NOT_COMPARED, TOPICS_AHEAD, LogFence, read_history
from kernel.store.writing import columns

LOG = structlog.get_logger()
BEAT = "log guard"
HEARTBEAT_TIMEOUT = 120.0
"""Longer than the broker's calls of one comparison, and than a long tail takes to read."""
START_SECONDS = 45.0
"""A longer comparison goes on beside the service. Shorter than what a start may take in ``deploy/base``."""
RETRY_SECONDS = 2.0

READ_CURSOR = """
    SELECT cluster_id, published::text AS published, history, NOT EXISTS (SELECT FROM log) AS is_empty
    FROM relay_cursor
"""
ADOPT = "UPDATE relay_cursor SET cluster_id = $1, published = $2::text::jsonb WHERE cluster_id IS NULL"
NOTE_HISTORY = "UPDATE relay_cursor SET history = $1 WHERE history IS DISTINCT FROM $1"
NOT_IN_LOG = """
    SELECT sent.n FROM unnest($1::uuid[], $2::int[], $3::uuid[]) WITH ORDINALITY
        AS sent (stream_id, version, message_id, n)
    LEFT JOIN log l ON l.stream_id = sent.stream_id AND l.version = sent.version
    WHERE l.message_id IS DISTINCT FROM sent.message_id ORDER BY sent.n
"""

PART_IS_AWAY = (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""The broker, or the database, which then is asked once more."""


class TopicsAheadOfLog(Exception):
    """A topic holds a message of this service that its log does not have."""


class ComparedCursor(NamedTuple):
    """What the relay's cursor says about earlier publishing and comparing."""

    cluster_id: str | None
    published: dict[TopicPartition, int]
    history: str | None
    is_empty: bool
    """Whether the log is empty."""


class LogGuard:
    def __init__(
        self,
        service: str,
        database_url: str,
        kafka: KafkaConnection,
        messages: MessageRegistry,
        fence: LogFence,
        heartbeats: Heartbeats,
        on_reopened: Callable[[], None],
        *,
        shares_topics: bool = False,
    ) -> None:
        """``on_reopened``: forgets what the process knows of the log: it may be another one than before.
        ``shares_topics``: other logs have been published to these topics before, as in tests, where many
        databases use one broker: what is there before the first publication belongs to them."""
        self._service = service
        self._source = f"/feira/{service}"
        self._database_url = database_url
        self._kafka = kafka
        self._messages = messages
        self._fence = fence
        self._heartbeats = heartbeats
        self._on_reopened = on_reopened
        self._shares_topics = shares_topics
        heartbeats.register(BEAT, limit=HEARTBEAT_TIMEOUT)

    async def start(self) -> None:
        """Compare before the service serves. If the broker is away, or this takes long, a database that is as
        it was at the last comparison is accepted; a restored one waits, and the service serves nothing."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.compare()
        except TopicsAheadOfLog:
            pass  # logged, and the fence is closed
        except PART_IS_AWAY as error:
            try:
                await self._accept_unchanged(error)
            except Exception as outage:
                if not is_outage(outage):
                    raise
                LOG.warning("log_comparison_interrupted", error=repr(outage))
                self._fence.close(NOT_COMPARED)

    async def run(self) -> None:
        """Compare again for as long as the fence is closed."""
        self._heartbeats.started(BEAT)
        while True:
            self._heartbeats.beat(BEAT)
            await waiting.wait_at_most(self._fence.closed, RETRY_SECONDS)
            if self._fence.reason is None:
                continue
            try:
                await self.compare()
                continue
            except TopicsAheadOfLog:
                pass
            except Exception as error:
                if not (is_outage(error) or isinstance(error, KafkaError)):
                    LOG.exception("log_comparison_failed")
                else:
                    LOG.warning("log_comparison_interrupted", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)

    def check(self) -> None:
        """Raises ``LogFenced`` while the fence is closed."""
        self._fence.check()

    # failpoint: none needed (first-writer), 2 calls
    async def compare(self, beat: Callable[[], None] = lambda: None) -> None:
        """Open the fence if the log has all that the topics hold under this service's name. Raises
        ``TopicsAheadOfLog`` otherwise, with the fence closed. ``beat``: the heartbeat of the caller."""
        connection = await self._connect()
        try:
            history = await read_history(connection)
            cursor = await read_cursor(connection)
            broker = await cluster_id(self._kafka)
            if cursor.cluster_id is None and self._shares_topics:
                await connection.execute(ADOPT, broker, await self._ends())
                cursor = await read_cursor(connection)
            after = cursor.published if cursor.cluster_id == broker else {}
            if missing := await self._first_missing(connection, after, beat):
                self._refuse(missing)
            if history:
                await connection.execute(NOTE_HISTORY, history.identity)
        finally:
            connection.terminate()
        if self._fence.reason is not None:
            LOG.info("log_agrees_with_topics", service=self._service)
            self._on_reopened()
        RELAY_TOPICS_AHEAD.set(0)
        self._fence.open(history)

    async def _first_missing(
        self,
        connection: asyncpg.Connection[asyncpg.Record],
        after: Mapping[TopicPartition, int],
        beat: Callable[[], None],
    ) -> InboundMessage | None:
        async with own_records(self._kafka, self._source, self._messages, after) as records:
            async for page in records.pages():
                self._heartbeats.beat(BEAT)
                beat()
                if missing := await not_in_log(connection, page):
                    return missing[0]
        return None

    def _refuse(self, missing: InboundMessage) -> None:
        RELAY_TOPICS_AHEAD.set(1)
        if self._fence.reason != TOPICS_AHEAD:
            LOG.error(
                "topics_ahead_of_log",
                service=self._service,
                topic=missing.record.topic,
                partition=missing.record.partition,
                offset=missing.record.offset,
                type=missing.type,
                stream_id=str(missing.stream_id),
                version=missing.version,
                action=f"nothing is written until `feira recover-log {self._service}` has brought back "
                "what the database has lost",
            )
        self._fence.close(TOPICS_AHEAD)
        raise TopicsAheadOfLog(f"{missing.type} {missing.stream_id}/{missing.version} is not in the log")

    async def _accept_unchanged(self, error: Exception) -> None:
        connection = await self._connect()
        try:
            history = await read_history(connection)
            cursor = await read_cursor(connection)
        finally:
            connection.terminate()
        unchanged = history is not None and history.identity == cursor.history
        if unchanged or cursor.is_empty:
            LOG.warning("log_not_compared", error=repr(error), accepted="the database has not been restored")
            self._fence.open(history)
        else:
            LOG.error(
                "log_not_compared",
                error=repr(error),
                action="nothing is written until Kafka answers: the database may have been restored",
            )
            self._fence.close(NOT_COMPARED)

    async def _ends(self) -> str:
        """The last offset of each partition of the service's own topics, as the cursor keeps them."""
        topics = [it for it, sender in self._messages.sender_of.items() if sender == self._source]
        ends = await end_offsets(self._kafka, await partitions_of(self._kafka, topics))
        last = {f"{it.topic}/{it.partition}": end - 1 for it, end in ends.items() if end}
        return orjson.dumps(last).decode()

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(
            self._database_url,
            timeout=CONNECT_TIMEOUT,
            command_timeout=STATEMENT_TIMEOUT,
            server_settings={"application_name": f"{self._service} log guard"},
        )


async def read_cursor(connection: asyncpg.Connection[asyncpg.Record]) -> ComparedCursor:
    """Raises ``RuntimeError`` if the database is not migrated."""
    row = await connection.fetchrow(READ_CURSOR)
    if row is None:
        raise RuntimeError("The relay's cursor row is missing: the database is not migrated.")
    published = {partition_named(it): offset for it, offset in orjson.loads(row["published"]).items()}
    return ComparedCursor(row["cluster_id"], published, row["history"], row["is_empty"])


async def not_in_log(
    connection: asyncpg.Connection[asyncpg.Record], page: Sequence[InboundMessage]
) -> list[InboundMessage]:
    """Those of the page that the log does not have under the same id."""
    if not page:
        return []
    keys = columns((it.stream_id, it.version, it.message_id) for it in page)
    return [page[row["n"] - 1] for row in await connection.fetch(NOT_IN_LOG, *keys)]
