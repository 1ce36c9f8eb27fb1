"""Write saves into the database inside a transaction that somebody else has opened.

The order is the same everywhere, so that two writers never wait for each other in a circle:
timers in key order, then the log (whose lock everybody takes), then claims and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from kernel.errors import Claimed, Conflict, KeyTaken
from kernel.store.save import LOG_COLUMNS, Claim, Save, StoredAnswer, Timer

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

ENTER_LOG = "SELECT pg_advisory_xact_lock(7001)"

SET_TIMERS = """
    INSERT INTO timers AS t (subject, kind, tenant, due_at, payload,
                             correlation_id, causation_id, traceparent, occurred_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[],
                         $6::text[], $7::text[], $8::text[], $9::timestamptz[])
    ON CONFLICT (subject, kind) DO UPDATE
    SET due_at = excluded.due_at, payload = excluded.payload, attempts = 0,
        correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
        traceparent = excluded.traceparent, occurred_at = excluded.occurred_at
"""
CANCEL_TIMERS = """
    DELETE FROM timers t USING unnest($1::uuid[], $2::text[]) AS gone (subject, kind)
    WHERE t.subject = gone.subject AND t.kind = gone.kind
"""
CLAIM = "INSERT INTO claims SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])"
UNCLAIM = """
    DELETE FROM claims c USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, kind, value)
    WHERE (c.tenant, c.kind, c.value) = (gone.tenant, gone.kind, gone.value)
"""
ANSWER = """
    INSERT INTO idempotency (tenant, route, key, request_hash, subject, status, body, etag, recorded_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::uuid[],
                         $6::smallint[], $7::bytea[], $8::text[], $9::timestamptz[])
"""


def columns(rows: Iterable[tuple[object, ...]]) -> list[Sequence[object]]:
    """Rows to columns, as ``unnest`` wants them."""
    return list(zip(*rows, strict=True))


async def write(connection: Connection, saves: Sequence[Save]) -> None:
    """Store all of them. Raises ``Conflict``, ``Claimed`` or ``KeyTaken`` if any of them came too late;
    the transaction is of no more use then."""
    await _write_timers(connection, saves)
    rows = list(chain.from_iterable(save.rows for save in saves))
    if rows:
        try:
            await connection.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)
        except asyncpg.UniqueViolationError as late:
            raise Conflict(late.detail) from late
    answers = [save.answer for save in saves if save.answer]
    given_up = sorted(set().union(*(save.given_up for save in saves)))
    claims = list(chain.from_iterable(save.claims.values() for save in saves))
    if not answers and not claims and not given_up:
        return
    if not rows:
        await connection.execute(ENTER_LOG)
    await _write_claims(connection, given_up, claims)
    await _write_answers(connection, answers)


async def _write_timers(connection: Connection, saves: Sequence[Save]) -> None:
    wanted = dict(sorted(chain.from_iterable(save.timers.items() for save in saves), key=lambda it: it[0]))
    cancelled = [key for key, timer in wanted.items() if timer is None]
    if cancelled:
        await connection.execute(CANCEL_TIMERS, *columns(cancelled))
    timers: list[Timer] = [timer for timer in wanted.values() if timer is not None]
    if timers:
        await connection.execute(SET_TIMERS, *columns(timers))


async def _write_claims(
    connection: Connection, given_up: Sequence[tuple[str, str, str]], taken: Sequence[Claim]
) -> None:
    if given_up:
        await connection.execute(UNCLAIM, *columns(given_up))
    if taken:
        try:
            await connection.execute(CLAIM, *columns(taken))
        except asyncpg.UniqueViolationError as late:
            first = taken[0]
            raise Claimed(first.kind, first.value, first.holder) from late


async def _write_answers(connection: Connection, answers: Sequence[StoredAnswer]) -> None:
    if answers:
        ordered = sorted(answers, key=attrgetter("tenant", "route", "key"))
        try:
            await connection.execute(ANSWER, *columns(ordered))
        except asyncpg.UniqueViolationError as late:
            raise KeyTaken(ordered[0].key) from late
