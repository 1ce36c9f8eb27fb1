"""Write what saves hold into the database: with one statement where that can be.

The order is the same everywhere, so that two writers seldom wait for each other in a circle: timers, those
that go before those that come, each in key order; then the log (whose lock everybody takes); then claims and
answers. Where two do all the same, PostgreSQL gives way on one of them, and that one is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from kernel import advisory_locks
from kernel.errors import Conflict, DuplicateRequest, KeyClaimed
from kernel.store.changes import LOG_COLUMNS, KeyClaim, LogRow, StoredResponse, Timer
from kernel.store.write_batch import WriteBatch

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

COPY_THRESHOLD = 8
"""So many rows cost less as a prepared statement than as a COPY, which is set up anew each time."""
ENTER_LOG = f"SELECT pg_advisory_xact_lock({advisory_locks.LOG_APPEND})"
LOCK_TIMERS = """
    SELECT FROM timers JOIN unnest($1::uuid[], $2::text[]) AS wanted (subject, kind) USING (subject, kind)
    ORDER BY subject, kind FOR UPDATE OF timers
"""

DELETE_TIMERS = """
    DELETE FROM timers t
    USING unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS taken (subject, kind, due_at)
    WHERE (t.subject, t.kind, t.due_at) = (taken.subject, taken.kind, taken.due_at)
"""
MOVE = """
    UPDATE timers t SET due_at = moved.due_at, payload = moved.payload, attempts = 0
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::jsonb[])
        AS moved (subject, kind, taken_until, due_at, payload)
    WHERE (t.subject, t.kind, t.due_at) = (moved.subject, moved.kind, moved.taken_until)
"""
"""On behalf of the same as before: it is the same call, made again."""

KEY, NAME = 2, 3
WIDTHS = (
    KEY,
    len(Timer._fields),
    len(LogRow._fields),
    NAME,
    len(KeyClaim._fields),
    len(StoredResponse._fields),
)
STORE = f"SELECT store({', '.join(f'${number + 1}' for number in range(sum(WIDTHS)))})"  # places only


def columns(rows: Iterable[tuple[object, ...]]) -> list[Sequence[object]]:
    """Rows to columns, as ``unnest`` wants them."""
    return list(zip(*rows, strict=True))


async def write(connection: Connection, pile: WriteBatch) -> None:
    """Store the batch. Raises ``Conflict``, ``KeyClaimed`` or ``DuplicateRequest`` if another writer was
    first; the transaction cannot be used then."""
    try:
        if pile.fired_timers:
            await _store_response(connection, pile)
        if pile.is_rows_alone:
            await _append(connection, pile.log_rows)
        elif pile.is_one_statement:
            await _store(connection, pile)
        else:
            await _store(connection, WriteBatch(cancelled_timers=pile.cancelled_timers, timers=pile.timers))
            await _append(connection, pile.log_rows)
            await _store(
                connection,
                WriteBatch(
                    released_keys=pile.released_keys, claimed_keys=pile.claimed_keys, answers=pile.answers
                ),
            )
    except asyncpg.UniqueViolationError as late:
        match late.table_name:
            case "claims":
                first = pile.claimed_keys[0]
                raise KeyClaimed(first.kind, first.value, first.holder) from late
            case "idempotency":
                raise DuplicateRequest(pile.answers[0].key) from late
            case "log":
                raise Conflict(late.detail) from late
        raise


# failpoint: none needed (append), 2 calls
async def _store_response(connection: Connection, pile: WriteBatch) -> None:
    if gone := [taken for taken, timer in pile.fired_timers if timer is None]:
        await connection.execute(DELETE_TIMERS, *columns(gone))
    if moved := [(*taken, timer.due_at, timer.payload) for taken, timer in pile.fired_timers if timer]:
        await connection.execute(MOVE, *columns(moved))


async def lock_timers(connection: Connection, pile: WriteBatch) -> None:
    """For whoever has to enter the log before it writes: the order of all is timers, then the log."""
    known = [taken[:2] for taken, _ in pile.fired_timers]
    if wanted := sorted([*known, *pile.cancelled_timers, *((it.subject, it.kind) for it in pile.timers)]):
        await connection.execute(LOCK_TIMERS, *columns(wanted))


# failpoint: none needed (append)
async def _store(connection: Connection, pile: WriteBatch) -> None:
    if not pile.is_rows_alone:
        await connection.execute(STORE, *_arguments(pile))


def _arguments(pile: WriteBatch) -> Iterable[Sequence[object]]:
    parts: tuple[Sequence[tuple[object, ...]], ...] = (
        *(pile.cancelled_timers, pile.timers, pile.log_rows),
        *(pile.released_keys, pile.claimed_keys, pile.answers),
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
    places = (range(first, first + width) for first in range(1, rows * width, width))
    values = ", ".join(f"({', '.join(f'${it}' for it in place)})" for place in places)
    return f"INSERT INTO log ({', '.join(LOG_COLUMNS)}) VALUES {values}"  # noqa: S608  # our own columns
