"""Index of the open carts that hold a product, an offer or an upsell. It follows the service's own log, a
page at a time.

It is written by a loop and not by the requests, so that adding an item to a cart costs no further row.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg
import orjson

from cart.carts import abandoned_carts
from contracts import cart as facts
from kernel.store.writing import Connection, columns

PAGE_SIZE = 1_000
ADDED = facts.ItemAdded.TYPE
MERGED = facts.Merged.TYPE
CLOSED = (facts.Converted.TYPE, facts.Expired.TYPE)
LOCK_POSITION = "SELECT position FROM cart_holding_place FOR UPDATE"
PAGE_END = """
    SELECT max(position) AS position, count(*) AS rows
    FROM (SELECT position FROM log WHERE position > $1 ORDER BY position LIMIT $2) AS page
"""
SELECT_FACTS = """
    SELECT tenant, stream_id, type, CASE WHEN type = ANY($3) THEN body END AS body
    FROM log WHERE position > $1 AND position <= $2 AND type = ANY($4) ORDER BY position
"""
INSERT_CARTS = """
    INSERT INTO cart_holding SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[]) ON CONFLICT DO NOTHING
"""
DELETE_CARTS = "DELETE FROM cart_holding WHERE cart_id = ANY($1)"
UPDATE_POSITION = "UPDATE cart_holding_place SET position = $1"
SELECT_CARTS = """
    SELECT cart_id FROM cart_holding WHERE tenant = $1 AND product_id = $2 AND cart_id > $3
    ORDER BY cart_id LIMIT $4
"""
SELECT_CARTS_OF_TENANT = """
    SELECT DISTINCT cart_id FROM cart_holding
    WHERE tenant = $1 AND cart_id > $2 ORDER BY cart_id LIMIT $3
"""


# failpoint: none needed (store-transaction), 2 calls
async def follow_log(connection: Connection, *, wait: bool = False) -> bool:
    """Index the next page of the log, within a transaction. True if the page was full, so that there may be
    more. If another replica is indexing: does nothing, or continues after it (``wait``).

    A page that is not full ends the turn: otherwise a log that grows all the time would be followed a few
    rows at a time, without an end.
    """
    position = await connection.fetchval(LOCK_POSITION if wait else f"{LOCK_POSITION} SKIP LOCKED")
    page = None if position is None else await connection.fetchrow(PAGE_END, position, PAGE_SIZE)
    if page is None or not page["rows"]:
        return False
    end = page["position"]
    added: set[tuple[str, UUID, UUID]] = set()
    closed: set[UUID] = set()
    read = [ADDED, MERGED, *abandoned_carts.READ]
    rows = await connection.fetch(SELECT_FACTS, position, end, read, [*read, *CLOSED])
    for row in rows:
        cart_id = row["stream_id"]
        if row["type"] == ADDED:
            added |= {(row["tenant"], thing, cart_id) for thing in _things_in(row)}
        elif row["type"] in CLOSED or (row["type"] == MERGED and _is_guest(row)):
            closed.add(cart_id)
    await _write(connection, (row for row in added if row[2] not in closed), closed)
    await abandoned_carts.note_abandonments(connection, rows)
    await connection.execute(UPDATE_POSITION, end)
    return bool(page["rows"] == PAGE_SIZE)


async def carts_holding(
    connection: Connection, tenant: str, thing: UUID, after: UUID, limit: int
) -> list[UUID]:
    rows = await connection.fetch(SELECT_CARTS, tenant, thing, after, limit)
    return [row["cart_id"] for row in rows]


async def carts_of_tenant(connection: Connection, tenant: str, after: UUID, limit: int) -> list[UUID]:
    """Those that are not closed and have ever held something."""
    rows = await connection.fetch(SELECT_CARTS_OF_TENANT, tenant, after, limit)
    return [row["cart_id"] for row in rows]


# failpoint: none needed (store-transaction), 2 calls
async def _write(
    connection: Connection, added: Iterable[tuple[str, UUID, UUID]], closed: Iterable[UUID]
) -> None:
    if rows := sorted(added):
        await connection.execute(INSERT_CARTS, *columns(rows))
    if cart_ids := sorted(closed):
        await connection.execute(DELETE_CARTS, cart_ids)


def _is_guest(merged: asyncpg.Record) -> bool:
    return bool(orjson.loads(merged["body"])["guest_cart_id"] == str(merged["stream_id"]))


def _things_in(row: asyncpg.Record) -> Iterable[UUID]:
    """What the price of an added line depends on."""
    body = orjson.loads(row["body"])
    return [UUID(body[name]) for name in ("product_id", "offer_id", "upsell_id") if name in body]
