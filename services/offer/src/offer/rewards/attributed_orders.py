"""Find the paid orders of customers who were referred."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from kernel.store.writing import Connection, columns
from offer.referral.use_cases.attributions import LIVE

LOCK_ATTRIBUTED = """
    WITH paid AS (
        SELECT o.tenant, o.order_id, person.id
        FROM unnest($1::text[], $2::uuid[]) AS wanted (tenant, order_id)
        JOIN customer_orders o USING (tenant, order_id)
        CROSS JOIN LATERAL (
            SELECT o.customer_id AS id
            UNION
            SELECT guest_id FROM customer_links l WHERE (l.tenant, l.customer_id) = (o.tenant, o.customer_id)
            UNION
            SELECT unnest(ARRAY[l.customer_id, l.guest_id])
            FROM customer_links own JOIN customer_links l USING (tenant, customer_id)
            WHERE (own.tenant, own.guest_id) = (o.tenant, o.customer_id)
        ) AS person
        WHERE o.paid AND NOT o.cancelled
    )
    SELECT paid.tenant, paid.order_id, c.holder FROM paid
    JOIN claims c ON (c.tenant, c.kind) = (paid.tenant, $3)
        -- the referee's id and the program's; ';' is the character behind ':'
        AND c.value >= paid.id || ':' AND c.value < paid.id || ';' AND length(c.value) = length(paid.id) + 37
    ORDER BY c.tenant, c.value FOR UPDATE OF c
"""
"""Locks the attributions until the commit: of two orders of one referee that are handled at once, the second
is counted after the first."""
SELECT_ORDERS = """
    SELECT o.tenant, o.order_id, o.customer_id, o.currency, o.subtotal, o.lines, o.nets
    FROM customer_orders o JOIN unnest($1::text[], $2::uuid[]) AS wanted (tenant, order_id)
        USING (tenant, order_id)
"""


class OrderKey(NamedTuple):
    tenant: str
    order_id: UUID


class AttributedOrder(NamedTuple):
    """``products`` and ``nets`` by the id of the line."""

    customer_id: str
    currency: str
    subtotal: int
    products: dict[str, str]
    nets: dict[str, int]
    attribution_ids: tuple[UUID, ...]


async def attributed_orders(
    keys: Iterable[OrderKey], connection: Connection
) -> dict[OrderKey, AttributedOrder]:
    """Those of the orders that count and whose customer was referred, by the copy of the orders."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    attributions: dict[OrderKey, list[UUID]] = {}
    for row in await connection.fetch(LOCK_ATTRIBUTED, *columns(wanted), LIVE):
        attributions.setdefault(OrderKey(row["tenant"], row["order_id"]), []).append(row["holder"])
    if not attributions:
        return {}
    rows = await connection.fetch(SELECT_ORDERS, *columns(sorted(attributions)))
    keyed = ((OrderKey(row["tenant"], row["order_id"]), row) for row in rows)
    return {
        key: AttributedOrder(
            customer_id=row["customer_id"],
            currency=row["currency"],
            subtotal=row["subtotal"],
            products=row["lines"],
            nets=row["nets"],
            attribution_ids=tuple(attributions[key]),
        )
        for key, row in keyed
    }
