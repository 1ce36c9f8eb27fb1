"""The queue of parked records behind one key: who is first, who waits, and how one leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel.messaging.dead_letters.model import COLUMNS, DeadLetter, dead_letter_of
from kernel.store.writing import Connection

ONE = f"SELECT {COLUMNS} FROM parked WHERE parked_id = $1"  # noqa: S608  # names of ours
QUEUE = f"""
    SELECT {COLUMNS} FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL
      AND (parked_at, topic, record_offset, parked_id) >= ($3, $4, $5, $6)
    ORDER BY parked_at, topic, record_offset, parked_id LIMIT $7
"""  # noqa: S608  # names of ours
"""Offsets begin again with a new broker; the time of parking tells one broker's from the other's."""
AHEAD = """
    SELECT DISTINCT ON (grp) grp, parked_id, tenant FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL AND reason <> 'gap'
      AND (parked_at, topic, record_offset, parked_id) < ($3, $4, $5, $6)
    ORDER BY grp, parked_at, topic, record_offset, parked_id
"""
WAITING = """
    SELECT count(*) AS many,
           (array_agg(parked_id ORDER BY parked_at, topic, record_offset, parked_id)
            FILTER (WHERE tenant IS NULL OR tenant = $4))[1] AS first
    FROM parked
    WHERE record_key = $1 AND grp = ANY($2) AND resolved_at IS NULL AND parked_id <> $3
"""
FAILED = """
    UPDATE parked SET attempts = attempts + 1, reason = $2, error = $3 WHERE parked_id = $1
"""
RESOLVED = """
    UPDATE parked SET attempts = attempts + $3, resolved_at = now(), resolution = $2 WHERE parked_id = $1
"""
PARK_AS = """
    INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, tenant, type, stream_id,
                        version, parked_at, reason, error)
    SELECT $2, topic, part, record_offset, record_key, headers, body, $5, $6, $7, $8, parked_at, $3, $4
    FROM parked WHERE parked_id = $1
"""
"""With the time of the first parking, for it goes where that one stood."""
ACT = """
    INSERT INTO parked_acts (parked_id, tenant, actor, act, reason, outcome) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def find(connection: Connection, parked_id: int) -> DeadLetter | None:
    row = await connection.fetchrow(ONE, parked_id)
    return dead_letter_of(row) if row else None


async def find_and_hold(connection: Connection, parked_id: int) -> DeadLetter:
    """As it is now, and nobody else's until the end of the transaction."""
    row = await connection.fetchrow(f"{ONE} FOR UPDATE", parked_id)
    if row is None:
        raise LookupError(f"the parked record {parked_id} has gone")
    return dead_letter_of(row)


async def ahead_of(
    it: DeadLetter, scopes: Sequence[str], connection: Connection
) -> dict[str, tuple[int, str | None]]:
    """For each scope the first record that waits before this one: its id and tenant."""
    rows = await connection.fetch(AHEAD, it.record.key, scopes, *_place(it))
    return {row["grp"]: (row["parked_id"], row["tenant"]) for row in rows}


async def queue_from(
    it: DeadLetter, scopes: Sequence[str], most: int, connection: Connection
) -> list[DeadLetter]:
    """This one, if it is still open, and what waits behind it, in order."""
    if it.record.key is None:
        return [it] if it.is_open else []
    rows = await connection.fetch(QUEUE, it.record.key, scopes, *_place(it), most)
    return [dead_letter_of(row) for row in rows]


async def waiting_beside(
    it: DeadLetter, scopes: Sequence[str], tenant: str, connection: Connection
) -> tuple[int, int | None]:
    """How many others of the key, and the first of them that this tenant may see."""
    row: Any = await connection.fetchrow(WAITING, it.record.key, scopes, it.parked_id, tenant)
    return row["many"], row["first"]


def _place(it: DeadLetter) -> tuple[object, ...]:
    return it.parked_at, it.record.topic, it.record.offset, it.parked_id
