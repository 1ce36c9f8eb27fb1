"""Which open carts hold a product: an index that follows the service's own log, a page at a time.

It is kept beside the requests and not by them, so that putting something into a cart costs no row more.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg
import orjson

from contracts import cart as facts
from kernel.store.writing import Connection, columns

PAGE = 1_000
ADDED = facts.ItemAdded.TYPE
CLOSED = (facts.Converted.TYPE, facts.Expired.TYPE)
PLACE = "SELECT position FROM cart_holding_place FOR UPDATE SKIP LOCKED"
END = """
    SELECT max(position) AS position, count(*) AS rows
    FROM (SELECT position FROM log WHERE position > $1 ORDER BY position LIMIT $2) AS page
"""
NEWS = """
    SELECT tenant, stream_id, type, CASE WHEN type = $3 THEN body END AS body
    FROM log WHERE position > $1 AND position <= $2 AND type = ANY($4) ORDER BY position
"""
HOLD = """
    INSERT INTO cart_holding SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[]) ON CONFLICT DO NOTHING
"""
LET_GO = "DELETE FROM cart_holding WHERE cart_id = ANY($1)"
MOVE = "UPDATE cart_holding_place SET position = $1"
HOLDING = """
    SELECT cart_id FROM cart_holding WHERE tenant = $1 AND product_id = $2 AND cart_id > $3
    ORDER BY cart_id LIMIT $4
"""


# failpoint: none needed (store-transaction)
async def follow_log(connection: Connection) -> bool:
    """Take the next page of the log, within a transaction; whether it was full, so that there may be more.
    Nothing where another replica is at it.

    What came meanwhile waits for the next turn: a log that grows all the time would never be followed to
    its end otherwise, a few rows at a time.
    """
    place = await connection.fetchval(PLACE)
    page = None if place is None else await connection.fetchrow(END, place, PAGE)
    if page is None or not page["rows"]:
        return False
    end = page["position"]
    held: set[tuple[str, UUID, UUID]] = set()
    closed: set[UUID] = set()
    for row in await connection.fetch(NEWS, place, end, ADDED, [ADDED, *CLOSED]):
        if row["type"] == ADDED:
            held.add((row["tenant"], _product_of(row), row["stream_id"]))
        else:
            closed.add(row["stream_id"])
    await _write(connection, (it for it in held if it[2] not in closed), closed)
    await connection.execute(MOVE, end)
    return bool(page["rows"] == PAGE)


async def carts_with(
    connection: Connection, tenant: str, product_id: UUID, after: UUID, most: int
) -> list[UUID]:
    return [it["cart_id"] for it in await connection.fetch(HOLDING, tenant, product_id, after, most)]


# failpoint: none needed (store-transaction), 2 calls
async def _write(
    connection: Connection, held: Iterable[tuple[str, UUID, UUID]], closed: Iterable[UUID]
) -> None:
    if rows := sorted(held):
        await connection.execute(HOLD, *columns(rows))
    if gone := sorted(closed):
        await connection.execute(LET_GO, gone)


def _product_of(row: asyncpg.Record) -> UUID:
    return UUID(orjson.loads(row["body"])["product_id"])
