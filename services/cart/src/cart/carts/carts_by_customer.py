"""The carts of customers, by the unique keys under which they are listed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from cart.carts.use_cases.index_keys import CUSTOMER_CART, SEPARATOR, listed_under
from contracts import cart
from kernel.store.writing import Connection, columns

AFTER_SEPARATOR = chr(ord(SEPARATOR) + 1)
"""The keys of a customer's carts are those from ``listed_under`` to the id with this character."""
SELECT_CARTS = """
    SELECT holder FROM claims
    WHERE tenant = $1 AND kind = $2 AND value >= $3 AND value < $4 AND holder > $5 ORDER BY holder LIMIT $6
"""
SELECT_WITH_CARTS = """
    SELECT tenant, customer_id
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS wanted (tenant, customer_id, first, next)
    WHERE EXISTS (SELECT FROM claims c WHERE c.tenant = wanted.tenant AND c.kind = $1
                  AND c.value >= wanted.first AND c.value < wanted.next)
"""
SELECT_WITH_FILLED_CARTS = """
    SELECT tenant, customer_id
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS wanted (tenant, customer_id, first, next)
    WHERE EXISTS (SELECT FROM claims c JOIN cart_holding h ON h.cart_id = c.holder
                  WHERE c.tenant = wanted.tenant AND c.kind = $1
                  AND c.value >= wanted.first AND c.value < wanted.next
                  AND (SELECT l.type FROM log l WHERE l.stream_id = c.holder AND l.type = ANY($6)
                       ORDER BY l.version DESC LIMIT 1) IS DISTINCT FROM $7)
"""
LOCKS = (cart.Locked.TYPE, cart.Unlocked.TYPE)


async def carts_of_customer(
    connection: Connection, tenant: str, customer_id: str, after: UUID, limit: int
) -> list[UUID]:
    """In the order of their ids; some of them may have ended."""
    keys = _range(customer_id)
    rows = await connection.fetch(SELECT_CARTS, tenant, CUSTOMER_CART, *keys, after, limit)
    return [row["holder"] for row in rows]


async def customers_with_carts(
    connection: Connection, customers: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the customers, as (tenant, id), that have any cart."""
    rows = await connection.fetch(SELECT_WITH_CARTS, CUSTOMER_CART, *columns(_ranges(customers)))
    return {(row["tenant"], row["customer_id"]) for row in rows}


async def customers_with_filled_carts(
    connection: Connection, customers: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the customers, as (tenant, id), that have an open cart with something in it, as of the log's
    position up to which the index of carts by product has been brought. A locked cart is not open."""
    wanted = columns(_ranges(customers))
    rows = await connection.fetch(SELECT_WITH_FILLED_CARTS, CUSTOMER_CART, *wanted, LOCKS, cart.Locked.TYPE)
    return {(row["tenant"], row["customer_id"]) for row in rows}


def _ranges(customers: Iterable[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(tenant, it, *_range(it)) for tenant, it in sorted(customers)]


def _range(customer_id: str) -> tuple[str, str]:
    return listed_under(customer_id), customer_id + AFTER_SEPARATOR
