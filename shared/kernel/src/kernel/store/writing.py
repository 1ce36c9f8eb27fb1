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
from kernel.errors import Claimed, Conflict, KeyTaken
from kernel.store.pile import Pile
from kernel.store.save import LOG_COLUMNS, Claim, LogRow, StoredAnswer, Timer

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

A_HANDFUL = 8
"""So many rows cost less as a prepared statement than as a COPY, which is set up anew each time."""
ENTER_LOG = f"SELECT pg_advisory_xact_lock({advisory_locks.LOG_APPEND})"
LOCK_TIMERS = """
    SELECT FROM timers JOIN unnest($1::uuid[], $2::text[]) AS wanted (subject, kind) USING (subject, kind)
    ORDER BY subject, kind FOR UPDATE OF timers
"""

STRIKE_OFF = """
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
WIDTHS = KEY, len(Timer._fields), len(LogRow._fields), NAME, len(Claim._fields), len(StoredAnswer._fields)
STORE = f"SELECT store({', '.join(f'${number + 1}' for number in range(sum(WIDTHS)))})"  # places only


def columns(rows: Iterable[tuple[object, ...]]) -> list[Sequence[object]]:
    """Rows to columns, as ``unnest`` wants them."""
    return list(zip(*rows, strict=True))


async def write(connection: Connection, pile: Pile) -> None:
    """Store all of it. Raises ``Conflict``, ``Claimed`` or ``KeyTaken`` if any of it came too late; the
    transaction is of no more use then."""
    try:
        if pile.taken:
            await _answer_taken(connection, pile)
        if pile.is_rows_alone:
            await _append(connection, pile.rows)
        elif pile.is_one_statement:
            await _store(connection, pile)
        else:
            await _store(connection, Pile(gone=pile.gone, timers=pile.timers))
            await _append(connection, pile.rows)
            await _store(connection, Pile(freed=pile.freed, claims=pile.claims, answers=pile.answers))
    except asyncpg.UniqueViolationError as late:
        match late.table_name:
            case "claims":
                first = pile.claims[0]
                raise Claimed(first.kind, first.value, first.holder) from late
            case "idempotency":
                raise KeyTaken(pile.answers[0].key) from late
            case "log":
                raise Conflict(late.detail) from late
        raise


# failpoint: none needed (append), 2 calls
async def _answer_taken(connection: Connection, pile: Pile) -> None:
    if gone := [taken for taken, timer in pile.taken if timer is None]:
        await connection.execute(STRIKE_OFF, *columns(gone))
    if moved := [(*taken, timer.due_at, timer.payload) for taken, timer in pile.taken if timer]:
        await connection.execute(MOVE, *columns(moved))


async def lock_timers(connection: Connection, pile: Pile) -> None:
    """For whoever has to enter the log before it writes: the order of all is timers, then the log."""
    known = [taken[:2] for taken, _ in pile.taken]
    if wanted := sorted([*known, *pile.gone, *((it.subject, it.kind) for it in pile.timers)]):
        await connection.execute(LOCK_TIMERS, *columns(wanted))


# failpoint: none needed (append)
async def _store(connection: Connection, pile: Pile) -> None:
    if not pile.is_rows_alone:
        await connection.execute(STORE, *_arguments(pile))


def _arguments(pile: Pile) -> Iterable[Sequence[object]]:
    parts: tuple[Sequence[tuple[object, ...]], ...] = (
        *(pile.gone, pile.timers, pile.rows),
        *(pile.freed, pile.claims, pile.answers),
    )
    for rows, width in zip(parts, WIDTHS, strict=True):
        yield from columns(rows) or [()] * width


# failpoint: none needed (append), 2 calls
async def _append(connection: Connection, rows: Sequence[LogRow]) -> None:
    if len(rows) > A_HANDFUL:
        await connection.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)
    elif rows:
        await connection.execute(_insert(len(rows)), *chain.from_iterable(rows))


@cache
def _insert(rows: int) -> str:
    width = len(LOG_COLUMNS)
    places = (range(first, first + width) for first in range(1, rows * width, width))
    values = ", ".join(f"({', '.join(f'${it}' for it in place)})" for place in places)
    return f"INSERT INTO log ({', '.join(LOG_COLUMNS)}) VALUES {values}"  # noqa: S608  # our own columns
