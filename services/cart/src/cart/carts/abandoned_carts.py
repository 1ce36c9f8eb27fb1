"""Index of the carts that were abandoned at least once, by customer. It follows the service's own log."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg
import orjson

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import cart as facts
from kernel.store.writing import Connection, columns

READ = (facts.Abandoned.TYPE, facts.CustomerSet.TYPE)
INSERT_CARTS = """
    INSERT INTO abandoned_carts (tenant, cart_id, customer_id)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING
"""
SET_CUSTOMERS = """
    UPDATE abandoned_carts a SET customer_id = n.customer_id
    FROM unnest($1::text[], $2::uuid[], $3::text[]) AS n (tenant, cart_id, customer_id)
    WHERE (a.tenant, a.cart_id) = (n.tenant, n.cart_id)
    RETURNING a.tenant, a.customer_id
"""


# failpoint: none needed (store-transaction), 2 calls
async def note_abandonments(connection: Connection, rows: Iterable[asyncpg.Record]) -> None:
    """``rows`` of the log, in their order. A cart may get its customer after it was abandoned."""
    abandoned: dict[UUID, tuple[str, UUID, str | None]] = {}
    named: dict[UUID, tuple[str, UUID, str]] = {}
    for row in rows:
        if row["type"] not in READ:
            continue
        tenant, cart_id = row["tenant"], row["stream_id"]
        customer_id = orjson.loads(row["body"]).get("customer_id")
        if row["type"] == facts.Abandoned.TYPE:
            abandoned[cart_id] = tenant, cart_id, customer_id
        else:
            named[cart_id] = tenant, cart_id, customer_id
    news_of_page = News()
    if abandoned:
        await connection.execute(INSERT_CARTS, *columns(list(abandoned.values())))
        for tenant, _, customer_id in abandoned.values():
            if customer_id is not None:
                news_of_page.add(tenant, news.CUSTOMER, [customer_id])
    if named:
        for row in await connection.fetch(SET_CUSTOMERS, *columns(list(named.values()))):
            news_of_page.add(row["tenant"], news.CUSTOMER, [row["customer_id"]])
    await news_of_page.tell(connection)
