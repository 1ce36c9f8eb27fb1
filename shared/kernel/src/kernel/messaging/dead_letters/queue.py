"""The queue of dead letters of one key: read it, and update or resolve its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel.messaging.dead_letters.model import COLUMNS, DeadLetter, dead_letter_of
from kernel.store.writing import Connection

SELECT_ONE = f"SELECT {COLUMNS} FROM parked WHERE parked_id = $1"  # noqa: S608  # constant column names
SELECT_QUEUE = f"""
    SELECT {COLUMNS} FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL
      AND (parked_at, topic, record_offset, parked_id) >= ($3, $4, $5, $6)
    ORDER BY parked_at, topic, record_offset, parked_id LIMIT $7
"""  # noqa: S608  # constant column names
"""Offsets restart with a new broker; the time of parking separates the records of two brokers."""
SELECT_FIRST_AHEAD = """
    SELECT DISTINCT ON (grp) grp, parked_id, tenant FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL AND reason <> 'gap'
      AND (parked_at, topic, record_offset, parked_id) < ($3, $4, $5, $6)
    ORDER BY grp, parked_at, topic, record_offset, parked_id
"""
COUNT_WAITING = """
    SELECT count(*) AS count,
           (array_agg(parked_id ORDER BY parked_at, topic, record_offset, parked_id)
            FILTER (WHERE tenant IS NULL OR tenant = $4))[1] AS first
    FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL AND parked_id <> $3
"""
STORE_FAILURE = """
    UPDATE parked SET attempts = attempts + 1, reason = $2, error = $3 WHERE parked_id = $1
"""
RESOLVE = """
    UPDATE parked SET attempts = attempts + $3, resolved_at = now(), resolution = $2 WHERE parked_id = $1
"""
COPY_TO_SCOPE = """
    INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, tenant, type, stream_id,
                        version, parked_at, reason, error)
    SELECT $2, topic, part, record_offset, record_key, headers, body, $5, $6, $7, $8, parked_at, $3, $4
    FROM parked WHERE parked_id = $1
"""
"""Keeps the time of parking, and so the place in the queue."""
INSERT_ACTION = """
    INSERT INTO parked_acts (parked_id, tenant, actor, act, reason, outcome) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def find(connection: Connection, parked_id: int) -> DeadLetter | None:
    row = await connection.fetchrow(SELECT_ONE, parked_id)
    return dead_letter_of(row) if row else None


async def find_for_update(connection: Connection, parked_id: int) -> DeadLetter:
    """The current row, locked until the end of the transaction. Raises ``LookupError`` if it is gone."""
    row = await connection.fetchrow(f"{SELECT_ONE} FOR UPDATE", parked_id)
    if row is None:
        raise LookupError(f"parked record {parked_id} does not exist any more")
    return dead_letter_of(row)


async def first_ahead(
    letter: DeadLetter, scopes: Sequence[str], connection: Connection
) -> dict[str, tuple[int, str | None]]:
    """Scope -> id and tenant of the first dead letter that waits before this one; gaps do not count."""
    rows = await connection.fetch(SELECT_FIRST_AHEAD, letter.record.key, scopes, *_position(letter))
    return {row["grp"]: (row["parked_id"], row["tenant"]) for row in rows}


async def queue_from(
    letter: DeadLetter, scopes: Sequence[str], limit: int, connection: Connection
) -> list[DeadLetter]:
    """This dead letter, if it is still open, and those that wait behind it, in order."""
    if letter.record.key is None:
        return [letter] if letter.is_open else []
    rows = await connection.fetch(SELECT_QUEUE, letter.record.key, scopes, *_position(letter), limit)
    return [dead_letter_of(row) for row in rows]


async def others_waiting(
    letter: DeadLetter, scopes: Sequence[str], tenant: str, connection: Connection
) -> tuple[int, int | None]:
    """How many other dead letters of the key are open, and the first of them that this tenant may see."""
    row: Any = await connection.fetchrow(COUNT_WAITING, letter.record.key, scopes, letter.parked_id, tenant)
    return row["count"], row["first"]


def _position(letter: DeadLetter) -> tuple[object, ...]:
    return letter.parked_at, letter.record.topic, letter.record.offset, letter.parked_id
