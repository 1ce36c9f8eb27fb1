"""Read streams from the log and fold them into aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from asyncpg import Record

from contracts.envelope import Fact
from contracts.registry import MessageRegistry
from kernel.domain import Aggregate
from kernel.store.upcasting import read_fact
from kernel.store.writing import Connection

A = TypeVar("A", bound=Aggregate)

LOG = "log"
LOG_FOR_CALLERS = "log_for_callers"
"""The same rows under row-level security."""
EVENTS_AFTER_VERSION = """
    SELECT l.stream_id, l.version, l.type, l.schema_version, l.body, l.recorded_at
    FROM unnest($1::uuid[], $2::int[]) AS wanted (id, known),
    LATERAL (SELECT * FROM {}
             WHERE stream_id = wanted.id AND version > wanted.known AND tenant = $3
             ORDER BY version) AS l
    ORDER BY l.stream_id, l.version
"""
STALE_STREAMS = """
    SELECT EXISTS (
        SELECT FROM unnest($1::uuid[], $2::int[]) AS wanted (id, known)
        JOIN {} ON stream_id = wanted.id AND version > wanted.known
    )
"""
LOG_PAGE = """
    SELECT position, stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
           correlation_id, causation_id, actor, traceparent, recorded_at, occurred_at
    FROM log WHERE position > $1 ORDER BY position LIMIT $2
"""


def fact_of(row: Record, messages: MessageRegistry) -> Fact:
    stream_id: UUID = row["stream_id"]
    recorded_at: datetime = row["recorded_at"]
    where = stream_id, row["version"], recorded_at
    return read_fact(row["type"], row["schema_version"], row["body"], *where, messages)


async def bring_up_to_date(
    connection: Connection,
    tenant: str,
    aggregates: Iterable[Aggregate],
    messages: MessageRegistry,
    log: str = LOG,
) -> None:
    """Fold into each aggregate the facts above its version: one query for all of them."""
    by_id = {it.id: it for it in aggregates}
    if not by_id:
        return
    rows = await connection.fetch(
        EVENTS_AFTER_VERSION.format(log), list(by_id), [it.version for it in by_id.values()], tenant
    )
    for stream_id, newer in groupby(rows, key=itemgetter("stream_id")):
        aggregate = by_id[stream_id]
        for row in newer:
            if not aggregate.exists and aggregate.CREATED_BY not in {None, row["type"]}:
                break
            fact_of(row, messages).mutate(aggregate)


async def any_stale(connection: Connection, versions: Mapping[UUID, int], log: str = LOG) -> bool:
    """Whether any of these streams has facts above the given version."""
    stale: bool = await connection.fetchval(
        STALE_STREAMS.format(log), list(versions), list(versions.values())
    )
    return stale


async def read_log(connection: Connection, after: int, limit: int) -> list[Record]:
    """A page of the log in the order of positions. No row ever appears below a position that was returned."""
    return await connection.fetch(LOG_PAGE, after, limit)
