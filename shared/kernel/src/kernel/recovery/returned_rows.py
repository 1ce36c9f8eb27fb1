"""The messages that a restored log lacks, collected in a temporary table before any of them is appended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from kernel.messaging.inbound import InboundMessage, InvalidMessage
from kernel.store.changes import LOG_COLUMNS, LogRow
from kernel.store.writing import columns

ACTOR = "recovered"
"""The actor of a recovered row: the headers of a record do not name the original one."""

CREATE = """
    CREATE TEMPORARY TABLE returned (
        LIKE log, topic_part integer NOT NULL, record_offset bigint NOT NULL, UNIQUE (stream_id, version)
    )
"""
WITHOUT_POSITION = "ALTER TABLE returned DROP COLUMN position"
LOOK_UP = """
    SELECT sent.n, l.position, l.message_id FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY
        AS sent (stream_id, version, n)
    JOIN log l ON l.stream_id = sent.stream_id AND l.version = sent.version
"""
COLLECT = f"""
    INSERT INTO returned ({", ".join(LOG_COLUMNS)}, topic_part, record_offset)
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                         $8::text[], $9::smallint[], $10::bytea[], $11::text[], $12::text[], $13::text[],
                         $14::text[], $15::timestamptz[], $16::timestamptz[], $17::int[], $18::bigint[])
    ON CONFLICT (stream_id, version) DO NOTHING
"""  # noqa: S608  # our own columns
GAPS = """
    SELECT stream_id, min(version) AS version FROM (
        SELECT stream_id, version,
               version - 1 - coalesce(lag(version) OVER (PARTITION BY stream_id ORDER BY version),
                   (SELECT max(l.version) FROM log l WHERE l.stream_id = r.stream_id), 0) AS missing
        FROM returned r
    ) versions WHERE missing > 0 GROUP BY stream_id ORDER BY stream_id
"""
APPEND = f"""
    INSERT INTO log ({", ".join(LOG_COLUMNS)})
    SELECT {", ".join(LOG_COLUMNS)} FROM (
        SELECT *, max(recorded_at) OVER (PARTITION BY topic, topic_part ORDER BY record_offset) AS reached
        FROM returned
    ) in_turn ORDER BY reached, kind DESC, topic, topic_part, record_offset
"""  # noqa: S608  # our own columns
"""By time, and by offset within a partition: so every stream keeps its versions, and a commit's facts come
before its commands. Positions across streams are the original ones only as far as their times differ."""
STREAMS = "SELECT DISTINCT stream_id FROM returned WHERE kind = 'fact'"
SUMMARY = """
    SELECT count(*) FILTER (WHERE kind = 'fact') AS facts,
           count(*) FILTER (WHERE kind = 'command') AS commands,
           count(DISTINCT stream_id) FILTER (WHERE kind = 'fact') AS streams,
           min(recorded_at) AS first, max(recorded_at) AS last
    FROM returned
"""


@dataclass(slots=True)
class ReturnedRows:
    """What was found out about the records that were read so far."""

    published_after: int
    """The relay's position in the restored log."""
    records: int = 0
    contradictions: list[InboundMessage] = field(default_factory=list)
    """Records whose version the log has with another message: it has been written to since the restore."""
    unreadable: list[InboundMessage] = field(default_factory=list)
    """Records that the log lacks and this code cannot read: the service could not read its own log."""
    generation: int = 1
    """The highest of the relay's generations."""
    republished: set[int] = field(default_factory=set)
    """Positions above ``published_after`` whose record is in a topic all the same."""


# failpoint: none needed (recovery), 2 calls
async def create(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.execute(CREATE)
    await connection.execute(WITHOUT_POSITION)


# failpoint: none needed (recovery)
async def collect(
    connection: asyncpg.Connection[asyncpg.Record], found: ReturnedRows, page: Sequence[InboundMessage]
) -> None:
    """Compare a page with the log, and keep what the log lacks. A repeated record counts once."""
    if not page:
        return
    found.records += len(page)
    found.generation = max(found.generation, *(it.generation for it in page))
    keys = columns((it.stream_id, it.version) for it in page)
    logged = {row["n"] - 1: row for row in await connection.fetch(LOOK_UP, *keys)}
    missing: list[InboundMessage] = []
    for number, message in enumerate(page):
        row = logged.get(number)
        if row is None:
            (missing if _is_readable(message) else found.unreadable).append(message)
        elif row["message_id"] != message.message_id:
            found.contradictions.append(message)
        elif row["position"] > found.published_after:
            found.republished.add(row["position"])
    if missing:
        await connection.execute(COLLECT, *columns(_staged(it) for it in missing))


async def gaps(connection: asyncpg.Connection[asyncpg.Record]) -> list[tuple[UUID, int]]:
    """Streams of which a version is neither in the log nor in a topic, with the first one after it."""
    return [(row["stream_id"], row["version"]) for row in await connection.fetch(GAPS)]


# failpoint: none needed (recovery)
async def append(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.execute(APPEND)


async def streams(connection: asyncpg.Connection[asyncpg.Record]) -> list[UUID]:
    return [row["stream_id"] for row in await connection.fetch(STREAMS)]


async def summary(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, Any]:
    row = await connection.fetchrow(SUMMARY)
    return {} if row is None else dict(row)


def _is_fact(message: InboundMessage) -> bool:
    return message.stream_id != message.message_id


def _is_readable(message: InboundMessage) -> bool:
    try:
        if _is_fact(message):
            message.fact()
        else:
            message.command()
    except (InvalidMessage, LookupError, TypeError, ValueError):
        # a type of later code, a schema version without an upcaster, a body that an upcaster trips over
        return False
    return True


def _staged(message: InboundMessage) -> tuple[object, ...]:
    record = message.record
    row = LogRow(
        stream_id=message.stream_id,
        version=message.version,
        message_id=message.message_id,
        kind="fact" if _is_fact(message) else "command",
        tenant=message.tenant,
        topic=record.topic,
        key=UUID(bytes.decode(record.key or b"")),
        type=message.type,
        schema_version=message.schema_version,
        body=record.value or b"",
        correlation_id=message.correlation_id,
        causation_id=message.causation_id,
        actor=ACTOR,
        traceparent=message.traceparent,
        recorded_at=message.recorded_at,
        occurred_at=message.occurred_at,
    )
    return (*row, record.partition, record.offset)
