"""Read streams from the log, with their snapshots, and fold them into aggregates."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from asyncpg import Record

from contracts.envelope import Fact
from contracts.registry import MessageRegistry
from kernel.domain import Aggregate
from kernel.store.cache import UniqueKey
from kernel.store.snapshots.due import DueSnapshots
from kernel.store.snapshots.restoring import restore
from kernel.store.upcasting import read_fact
from kernel.store.writing import Connection, columns

A = TypeVar("A", bound=Aggregate)

LOG = "log"
LOG_FOR_CALLERS = "log_for_callers"
"""The same rows under row-level security."""
PAGE = 2_000
"""Facts of one stream that are read at once: others run in between the pages of a long stream."""
YIELD_EVERY = 50
"""Streams that are folded at a time: others run in between."""
EVENTS_AFTER_VERSION = """
    SELECT l.stream_id, l.version, l.type, l.schema_version, l.body, l.recorded_at
    FROM unnest($1::uuid[], $2::int[]) AS wanted (id, known),
    LATERAL (SELECT * FROM {}
             WHERE stream_id = wanted.id AND version > wanted.known AND tenant = $3
             ORDER BY version LIMIT $4) AS l
    ORDER BY l.stream_id, l.version
"""
STALE_STREAMS = """
    SELECT EXISTS (
        SELECT FROM unnest($1::uuid[], $2::int[]) AS wanted (id, known)
        JOIN {} ON stream_id = wanted.id AND version > wanted.known
    )
"""
STALE_STREAMS_OR_KEYS = f"""
    {STALE_STREAMS} OR EXISTS (
        SELECT FROM unnest($3::text[], $4::text[], $5::text[], $6::uuid[])
                    AS known (tenant, kind, value, holder)
        LEFT JOIN claims c USING (tenant, kind, value) WHERE c.holder IS DISTINCT FROM known.holder
    )
"""  # noqa: S608  # a constant
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
    aggregates: Collection[Aggregate],
    messages: MessageRegistry,
    snapshots: DueSnapshots,
    log: str = LOG,
) -> None:
    """Fold into each aggregate the facts above its version: one query for all of them, more for long streams.

    A stream that has as many facts as there are between two snapshots may have one, which replaces the facts
    up to its version. ``snapshots`` gets the streams that were long to fold.
    """
    behind = {it.id: it for it in aggregates}
    folded: Counter[UUID] = Counter()
    page = min(PAGE, snapshots.every or PAGE)
    while behind:
        versions = [it.version for it in behind.values()]
        rows = await connection.fetch(EVENTS_AFTER_VERSION.format(log), list(behind), versions, tenant, page)
        by_stream = {it: list(newer) for it, newer in groupby(rows, key=itemgetter("stream_id"))}
        long = [behind[it] for it, newer in by_stream.items() if len(newer) == page]
        new = [it for it in long if snapshots.are_on and not it.exists]
        restored = await restore(connection, tenant, new, messages, snapshots, log) if new else frozenset()
        for number, (stream_id, newer) in enumerate(by_stream.items(), start=1):
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            if stream_id not in restored:
                folded[stream_id] += _fold(behind[stream_id], newer, messages)
        behind = {it.id: it for it in long if it.exists}
        page = PAGE
    for aggregate in aggregates:
        snapshots.note_load(tenant, aggregate, folded[aggregate.id])


def _fold(aggregate: Aggregate, rows: Sequence[Record], messages: MessageRegistry) -> int:
    """The number of facts that were folded: none if the stream belongs to another kind."""
    if not aggregate.exists and aggregate.CREATED_BY not in {None, rows[0]["type"]}:
        return 0
    for row in rows:
        fact_of(row, messages).mutate(aggregate)
    return len(rows)


async def any_stale(connection: Connection, versions: Mapping[UUID, int], log: str = LOG) -> bool:
    """Whether any of these streams has facts above the given version."""
    stale: bool = await connection.fetchval(
        STALE_STREAMS.format(log), list(versions), list(versions.values())
    )
    return stale


async def any_stale_or_moved(
    connection: Connection,
    versions: Mapping[UUID, int],
    owners: Mapping[UniqueKey, UUID | None],
    log: str = LOG,
) -> bool:
    """Also whether any of these unique keys has another owner."""
    keys = columns((*key, owner) for key, owner in owners.items())
    stale: bool = await connection.fetchval(
        STALE_STREAMS_OR_KEYS.format(log), list(versions), list(versions.values()), *keys
    )
    return stale


async def read_log(connection: Connection, after: int, limit: int) -> list[Record]:
    """A page of the log in the order of positions. No row ever appears below a position that was returned."""
    return await connection.fetch(LOG_PAGE, after, limit)
