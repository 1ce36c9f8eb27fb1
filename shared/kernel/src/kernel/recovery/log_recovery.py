"""Bring back into a restored log what the service's own topics still hold, byte for byte and all at once."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel import waiting
from kernel.messaging.broker import cluster_id
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.inbound import InboundMessage
from kernel.messaging.log_guard import ComparedCursor, read_cursor
from kernel.messaging.own_records import OwnRecords, own_records
from kernel.postgres.advisory_locks import RELAY_LEADER
from kernel.postgres.log_fence import read_history
from kernel.recovery import returned_rows
from kernel.recovery.derivations import Derivations, Derived, derive
from kernel.recovery.returned_rows import ReturnedRows
from kernel.store.event_store import EventStore
from kernel.store.writing import ENTER_LOG, Connection

LOG = structlog.get_logger()
PROGRESS_RECORDS = 50_000
MAX_EXAMPLES = 20
LEAD_SECONDS = 5.0

SESSION = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s'"
UNPUBLISHED = "SELECT position FROM log WHERE position > $1"
LAST_POSITION = "SELECT coalesce(max(position), 0) FROM log"
MOVE_CURSOR = """
    UPDATE relay_cursor SET epoch = epoch + 1, position = $1, generation = greatest(generation, $2),
        cluster_id = $3, published = $4::text::jsonb, history = coalesce($5, history)
"""


RAISE_GENERATION = "UPDATE relay_cursor SET epoch = epoch + 1, generation = greatest(generation, $1)"


Repeat = Callable[[Connection], Awaitable[Collection[UUID]]]
"""Does again, inside an open transaction, what facts of the log have done to rows that follow from no fact,
and that the restore has brought back. Returns the streams whose keys and timers are to be made again. To
repeat it changes nothing."""


async def repeat_nothing(_connection: Connection) -> Collection[UUID]:
    return ()


class RelayIsLeading(Exception):
    """A relay of the service publishes: its log was found to agree with the topics."""


class LogContradicts(Exception):
    """The log or the topics hold what cannot be put together; ``examples`` say where."""

    def __init__(self, detail: str, examples: list[str]) -> None:
        super().__init__(detail)
        self.examples = examples


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery has appended, or would append."""

    service: str
    dry_run: bool
    records_read: int
    facts: int
    commands: int
    streams: int
    first: datetime | None
    """The time of the earliest recovered message; None if there is none."""
    last: datetime | None
    derived: Derived | None
    """None in a dry run, and if nothing was missing."""
    repeated: int
    """How many streams had an effect that was repeated, see ``Repeat``; 0 in a dry run."""
    contradictions: list[str]
    """Records that were passed over: the log has another message at their version, or this code cannot read
    their body."""


class LogRecovery:
    """One run. Stops as a whole, or takes effect as a whole: it may be repeated at any time."""

    def __init__(
        self,
        service: str,
        store: EventStore,
        kafka: KafkaConnection,
        messages: MessageRegistry,
        derivations: Derivations,
        *,
        repeat: Repeat = repeat_nothing,
        from_beginning: bool = False,
        accept_contradictions: bool = False,
    ) -> None:
        """``from_beginning``: read the topics from their beginning, and not from where the relay's cursor
        was; ``accept_contradictions``: go on although the log has been written to since it was restored, or a
        body cannot be read."""
        self._service = service
        self._store = store
        self._kafka = kafka
        self._messages = messages
        self._derivations = derivations
        self._repeat = repeat
        self._from_beginning = from_beginning
        self._accept_contradictions = accept_contradictions

    # failpoint: none needed (session-lock)
    async def run(self, *, dry_run: bool = False) -> Recovered:
        """Raises ``RelayIsLeading`` and ``LogContradicts``: then nothing was written."""
        async with self._store.pool.acquire() as connection:
            await connection.execute(SESSION)
            if not dry_run:
                await self._take_lead(connection)
            try:
                return await self._recover(connection, dry_run=dry_run)
            finally:
                await connection.close()  # its lock and its temporary table end with it

    # failpoint: none needed (recovery)
    async def repeat_alone(self) -> int:
        """Repeat the effects of a log that is complete; the service may be at work. Returns as ``repeated``.
        Raises ``LogContradicts``."""
        async with self._store.pool.acquire() as connection, connection.transaction():
            streams = await self._repeat(connection)
            await self._derive(connection, streams)
        return len(streams)

    # failpoint: none needed (session-lock)
    async def _take_lead(self, connection: Any) -> None:
        """A relay that is about to find the log incomplete has the lock for a moment."""
        deadline = time.monotonic() + LEAD_SECONDS
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", RELAY_LEADER):
            if time.monotonic() > deadline:
                raise RelayIsLeading(f"a relay of {self._service} leads")
            await waiting.jitter(0.1, 0.3)

    async def _recover(self, connection: Any, *, dry_run: bool) -> Recovered:
        cursor = await read_cursor(connection)
        broker = await cluster_id(self._kafka)
        await returned_rows.create(connection)
        found = ReturnedRows(await connection.fetchval("SELECT position FROM relay_cursor"))
        async with own_records(
            self._kafka, f"/feira/{self._service}", self._messages, self._known(cursor, broker)
        ) as records:
            await self._read(connection, records, found)
            ends = records.ends
        if not self._accept_contradictions:
            _refuse(found.unreadable, "this release cannot read bodies that the topics hold")
            detail = "the log has other messages at versions that the topics hold: it was written to since"
            _refuse(found.contradictions, detail)
        passed_over = [_place(it) for it in (*found.contradictions, *found.unreadable)[:MAX_EXAMPLES]]
        if gaps := await returned_rows.gaps(connection):
            examples = [f"{stream_id} before version {version}" for stream_id, version in gaps]
            raise LogContradicts("versions are missing in the log and in the topics", examples[:MAX_EXAMPLES])
        summary = await returned_rows.summary(connection)
        derived, repeated = None, 0
        if not dry_run:
            derived, repeated = await self._append(connection, found, cursor, broker, ends)
        return Recovered(
            service=self._service,
            dry_run=dry_run,
            records_read=found.records,
            derived=derived,
            repeated=repeated,
            contradictions=passed_over,
            **summary,
        )

    def _known(self, cursor: ComparedCursor, broker: str) -> Mapping[TopicPartition, int]:
        return {} if self._from_beginning or cursor.cluster_id != broker else cursor.published

    async def _read(self, connection: Any, records: OwnRecords, found: ReturnedRows) -> None:
        LOG.info("reading_own_topics", service=self._service, offsets=records.total)
        reported = 0
        async for page in records.pages():
            await returned_rows.collect(connection, found, page)
            if found.records - reported >= PROGRESS_RECORDS:
                reported = found.records
                LOG.info("reading_own_topics", service=self._service, read=reported, offsets=records.total)

    # failpoint: none needed (recovery), 3 calls
    async def _append(
        self,
        connection: Any,
        found: ReturnedRows,
        cursor: ComparedCursor,
        broker: str,
        ends: Mapping[TopicPartition, int],
    ) -> tuple[Derived, int]:
        async with connection.transaction():
            await connection.execute(ENTER_LOG)
            unpublished = {
                row["position"] for row in await connection.fetch(UNPUBLISHED, found.published_after)
            }
            await returned_rows.append(connection)
            # what follows from the recovered facts is published by the relay, and so is the whole rest of a
            # log whose end was not published yet: its consumers drop what they have
            all_published = unpublished <= found.republished
            position = await connection.fetchval(LAST_POSITION) if all_published else found.published_after
            repeated = await self._repeat(connection)
            streams = {*await returned_rows.streams(connection), *repeated}
            derived = await self._derive(connection, streams)
            if has_lost_records(cursor, broker, ends):
                # the relay begins again from the beginning, as after every loss of the broker's data
                await connection.execute(RAISE_GENERATION, found.generation)
                return derived, len(repeated)
            last = {f"{it.topic}/{it.partition}": end - 1 for it, end in ends.items() if end}
            history = await read_history(connection)
            await connection.execute(
                MOVE_CURSOR,
                position,
                found.generation,
                broker,
                orjson.dumps(last).decode(),
                history.identity if history else None,
            )
        return derived, len(repeated)

    async def _derive(self, connection: Connection, streams: Collection[UUID]) -> Derived:
        return await derive(connection, self._store, self._derivations, f"/feira/{self._service}", streams)


def has_lost_records(cursor: ComparedCursor, broker: str, ends: Mapping[TopicPartition, int]) -> bool:
    """Whether the broker is another one than the cursor's, or has lost acknowledged records."""
    if cursor.cluster_id is None:
        return False
    return cursor.cluster_id != broker or any(ends.get(it, 0) <= at for it, at in cursor.published.items())


def _refuse(messages: Sequence[InboundMessage], detail: str) -> None:
    """Raises ``LogContradicts`` if there are any. The text holds nothing of a body, which may be personal."""
    if messages:
        raise LogContradicts(detail, [_place(it) for it in messages[:MAX_EXAMPLES]])


def _place(message: InboundMessage) -> str:
    record = message.record
    return f"{record.topic}/{record.partition} offset {record.offset}: {message.type} {message.stream_id}"
