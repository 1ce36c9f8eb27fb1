"""Write a batch into the database: with one statement where possible.

The order is the same everywhere, so that writers seldom deadlock: timers (cancelled ones before set ones,
each in key order), then the log (whose lock every writer takes), then unique keys and responses, then further
statements. If two writers deadlock all the same, PostgreSQL aborts one of them, which is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from kernel.errors import Conflict, DuplicateRequest, KeyClaimed
from kernel.postgres import advisory_locks
from kernel.store.changes import LOG_COLUMNS, KeyClaim, LogRow, Statement, StoredResponse, Timer
from kernel.store.number_drawing import draw_numbers
from kernel.store.write_batch import WriteBatch

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

COPY_THRESHOLD = 8
"""Up to so many rows cost less as a prepared statement than as a COPY, which is set up anew each time."""
ENTER_LOG = f"SELECT pg_advisory_xact_lock({advisory_locks.LOG_APPEND})"
LOCK_TIMERS = """
    SELECT FROM timers JOIN unnest($1::uuid[], $2::text[]) AS wanted (subject, kind) USING (subject, kind)
    ORDER BY subject, kind FOR UPDATE OF timers
"""

DELETE_LEASED_TIMERS = """
    DELETE FROM timers t
    USING unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS leased (subject, kind, due_at)
    WHERE (t.subject, t.kind, t.due_at) = (leased.subject, leased.kind, leased.due_at)
"""
MOVE_LEASED_TIMERS = """
    UPDATE timers t SET due_at = moved.due_at, payload = moved.payload, attempts = 0
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::jsonb[])
        AS moved (subject, kind, leased_until, due_at, payload)
    WHERE (t.subject, t.kind, t.due_at) = (moved.subject, moved.kind, moved.leased_until)
"""
"""The context stays as it is: the timer stands for the same call, made again."""

TIMER_KEY_WIDTH, UNIQUE_KEY_WIDTH = 2, 3
WIDTHS = (
    TIMER_KEY_WIDTH,
    len(Timer._fields),
    len(LogRow._fields),
    UNIQUE_KEY_WIDTH,
    len(KeyClaim._fields),
    len(StoredResponse._fields),
)
STORE = f"SELECT store({', '.join(f'${number + 1}' for number in range(sum(WIDTHS)))})"  # placeholders only


def columns(rows: Iterable[tuple[object, ...]]) -> list[Sequence[object]]:
    """Transpose rows into columns, as ``unnest`` takes them."""
    return list(zip(*rows, strict=True))


async def write(connection: Connection, batch: WriteBatch) -> None:
    """Store the batch. Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest`` if another writer was
    first; the transaction cannot be used then."""
    try:
        if batch.leased_timers:
            await _store_leased_timers(connection, batch)
        if batch.is_rows_alone:
            await _append(connection, batch.log_rows)
        elif batch.is_one_statement:
            await _store(connection, batch)
        else:
            await _store(connection, WriteBatch(cancelled_timers=batch.cancelled_timers, timers=batch.timers))
            if batch.draws:
                await connection.execute(ENTER_LOG)
                batch.log_rows = await draw_numbers(connection, batch.draws, batch.log_rows)
            await _append(connection, batch.log_rows)
            await _store(
                connection,
                WriteBatch(
                    released_keys=batch.released_keys,
                    claimed_keys=batch.claimed_keys,
                    responses=batch.responses,
                ),
            )
        await _execute(connection, batch.statements)
    except asyncpg.UniqueViolationError as violation:
        match violation.table_name:
            case "claims":
                claim = batch.claimed_keys[0]
                raise KeyClaimed(claim.kind, claim.value, claim.holder) from violation
            case "idempotency":
                raise DuplicateRequest(batch.responses[0].key) from violation
            case "log":
                raise Conflict(violation.detail) from violation
        raise


# failpoint: none needed (append)
async def _execute(connection: Connection, statements: Sequence[Statement]) -> None:
    for it in statements:
        await connection.execute(it.text, *it.arguments)


# failpoint: none needed (append), 2 calls
async def _store_leased_timers(connection: Connection, batch: WriteBatch) -> None:
    if deleted := [leased for leased, timer in batch.leased_timers if timer is None]:
        await connection.execute(DELETE_LEASED_TIMERS, *columns(deleted))
    if moved := [(*leased, timer.due_at, timer.payload) for leased, timer in batch.leased_timers if timer]:
        await connection.execute(MOVE_LEASED_TIMERS, *columns(moved))


async def lock_timers(connection: Connection, batch: WriteBatch) -> None:
    """Lock the batch's timers, for a caller that locks the log before it writes: every writer takes timers
    first, then the log."""
    leased = [timer[:2] for timer, _ in batch.leased_timers]
    keys = sorted([*leased, *batch.cancelled_timers, *((it.subject, it.kind) for it in batch.timers)])
    if keys:
        await connection.execute(LOCK_TIMERS, *columns(keys))


# failpoint: none needed (append)
async def _store(connection: Connection, batch: WriteBatch) -> None:
    if not batch.is_rows_alone:
        await connection.execute(STORE, *_arguments(batch))


def _arguments(batch: WriteBatch) -> Iterable[Sequence[object]]:
    parts: tuple[Sequence[tuple[object, ...]], ...] = (
        *(batch.cancelled_timers, batch.timers, batch.log_rows),
        *(batch.released_keys, batch.claimed_keys, batch.responses),
    )
    for rows, width in zip(parts, WIDTHS, strict=True):
        yield from columns(rows) or [()] * width


# failpoint: none needed (append), 2 calls
async def _append(connection: Connection, rows: Sequence[LogRow]) -> None:
    if len(rows) > COPY_THRESHOLD:
        await connection.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)
    elif rows:
        await connection.execute(_insert(len(rows)), *chain.from_iterable(rows))


@cache
def _insert(rows: int) -> str:
    width = len(LOG_COLUMNS)
    parameters = (range(first, first + width) for first in range(1, rows * width, width))
    values = ", ".join(f"({', '.join(f'${it}' for it in row)})" for row in parameters)
    return f"INSERT INTO log ({', '.join(LOG_COLUMNS)}) VALUES {values}"  # noqa: S608  # our own columns
