"""Searches of orders by number or status, at most a second behind the log. A customer's list is as new as the
log."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.domain import UTC_MIN
from kernel.ids import NIL_ID
from kernel.postgres.service_pool import ServicePool

SEARCH = """
    SELECT order_id, created_at FROM order_list
    WHERE tenant = $1 AND ($2::text IS NULL OR number = $2) AND ($3::text IS NULL OR status = $3)
      AND (created_at, order_id) > ($4, $5)
    ORDER BY created_at, order_id LIMIT $6
"""


class Place(NamedTuple):
    """Of an order in the list."""

    created_at: datetime
    order_id: UUID


FIRST = Place(UTC_MIN, NIL_ID)


async def search_orders(
    pool: ServicePool, tenant: str, number: str | None, status: str | None, after: Place, limit: int
) -> list[Place]:
    """A page of the orders for which both hold, the oldest first. None: any."""
    rows = await pool.fetch_for_tenant(tenant, SEARCH, number, status, *after, limit)
    return [Place(row["created_at"], row["order_id"]) for row in rows]
