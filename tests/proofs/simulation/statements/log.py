"""Statements on the log: streams and their versions, and appending to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from checkout_saga.privacy import held_facts
from kernel.store import clock, conflict_detection, loading, writing
from kernel.store.changes import LogRow
from tests.proofs.simulation.database import Row, fact_row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


def events_after_version(
    connection: Connection, streams: Sequence[UUID], versions: Sequence[int], tenant: str, page: int
) -> list[Row]:
    written = [fact_row(row) for row in connection.changes.rows if row.kind == "fact"]
    found: list[Row] = []
    for stream, version in zip(streams, versions, strict=True):
        stored = connection.database.streams.get(stream, ())
        newer = [row for row in stored[version:] if row["tenant"] == tenant]
        if written:
            newer += [
                row
                for row in written
                if row["stream_id"] == stream and row["version"] > version and row["tenant"] == tenant
            ]
        found += newer[:page]
    return found


def any_stale(connection: Connection, streams: Sequence[UUID], versions: Sequence[int]) -> bool:
    stored = connection.database.versions
    return any(stored.get(stream, 0) > version for stream, version in zip(streams, versions, strict=True))


def any_stale_or_moved(
    connection: Connection, streams: Sequence[UUID], versions: Sequence[int], *owners: Sequence[Any]
) -> bool:
    moved = (connection.holder(*name) != owner for *name, owner in zip(*owners, strict=True))
    return any_stale(connection, streams, versions) or any(moved)


def stored_versions(connection: Connection, streams: Sequence[UUID]) -> list[Row]:
    stored = connection.database.versions
    return [{"stream_id": it, "version": stored[it]} for it in streams if it in stored]


async def enter_log(connection: Connection) -> None:
    """The log's lock is held from the first write on."""
    await connection.enter_log()


async def append(connection: Connection, rows: Iterable[LogRow]) -> None:
    """Raises ``UniqueViolationError`` for a version that is there already."""
    await connection.enter_log()
    written = {row.stream_id: row.version for row in connection.changes.rows}
    for row in rows:
        last = written.get(row.stream_id) or connection.database.versions.get(row.stream_id, 0)
        if row.version <= last:
            raise duplicate("log")
        if row.version > last + 1:
            raise AssertionError(f"stream {row.stream_id} has a gap before version {row.version}")
        written[row.stream_id] = row.version
        connection.changes.rows.append(row)


def held_end(connection: Connection, _tenant: str) -> list[tuple[int]]:
    return [(len(connection.database.log),)]


def naming(
    connection: Connection, tenant: str, after: int, until: int, names: Sequence[bytes], started: str
) -> list[Row]:
    """The streams with facts that name one of the customers."""
    found: dict[UUID, bool] = {}
    for it in connection.database.log[after:until]:
        if it.kind == "fact" and it.tenant == tenant and any(name in it.body for name in names):
            found[it.stream_id] = found.get(it.stream_id, False) or it.type == started
    return [{"stream_id": stream, "is_checkout": is_checkout} for stream, is_checkout in found.items()]


def facts_of_streams(
    connection: Connection, tenant: str, streams: Sequence[UUID], after: int, limit: int
) -> list[Row]:
    wanted = set(streams)
    rows = (
        {
            "position": position,
            "stream_id": it.stream_id,
            "version": it.version,
            "type": it.type,
            "recorded_at": it.recorded_at,
            "body": it.body,
        }
        for position, it in enumerate(connection.database.log[after:], start=after + 1)
        if it.kind == "fact" and it.tenant == tenant and it.stream_id in wanted
    )
    return list(islice(rows, limit))


def duplicate(table: str) -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.table_name, error.detail = table, ""
    return error


VIEWS = loading.LOG, loading.LOG_FOR_CALLERS
READS: Mapping[str, Callable[..., Any]] = {
    **{loading.EVENTS_AFTER_VERSION.format(it): events_after_version for it in VIEWS},
    **{loading.STALE_STREAMS.format(it): any_stale for it in VIEWS},
    **{loading.STALE_STREAMS_OR_KEYS.format(it): any_stale_or_moved for it in VIEWS},
    conflict_detection.VERSIONS: stored_versions,
    held_facts.END: held_end,
    held_facts.NAMING: naming,
    held_facts.OF_STREAMS: facts_of_streams,
    clock.NOW: lambda connection: connection.now,
}
WRITES: Mapping[str, Callable[..., Any]] = {writing.ENTER_LOG: enter_log}
