"""Lists of subscriptions and invoices, at most a second behind the log."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.domain import UTC_MIN
from kernel.ids import NIL_ID
from kernel.postgres.service_pool import ServicePool

SUBSCRIPTIONS = """
    SELECT began_at AS at, subscription_id AS id FROM subscription_list
    WHERE tenant = $1 AND ($2::text IS NULL OR customer_id = $2) AND ($3::text IS NULL OR status = $3)
      AND ($4::text IS NULL OR plan_id = $4) AND (began_at, subscription_id) > ($5, $6)
    ORDER BY began_at, subscription_id LIMIT $7
"""
INVOICES = """
    SELECT issued_at AS at, invoice_id AS id FROM invoice_list
    WHERE tenant = $1 AND ($2::text IS NULL OR customer_id = $2) AND ($3::text IS NULL OR status = $3)
      AND ($4::uuid IS NULL OR subscription_id = $4) AND (issued_at, invoice_id) > ($5, $6)
    ORDER BY issued_at, invoice_id LIMIT $7
"""


class Place(NamedTuple):
    """In a list: the time by which it is sorted, and the id."""

    at: datetime
    id: UUID


FIRST = Place(UTC_MIN, NIL_ID)


async def find_subscriptions(
    pool: ServicePool,
    tenant: str,
    customer_id: str | None,
    status: str | None,
    plan_id: UUID | None,
    after: Place,
    limit: int,
) -> list[Place]:
    """A page of what meets all criteria, the oldest first. None: any."""
    plan = str(plan_id) if plan_id else None
    rows = await pool.fetch_for_tenant(tenant, SUBSCRIPTIONS, customer_id, status, plan, *after, limit)
    return [Place(row["at"], row["id"]) for row in rows]


async def find_invoices(
    pool: ServicePool,
    tenant: str,
    customer_id: str | None,
    status: str | None,
    subscription_id: UUID | None,
    after: Place,
    limit: int,
) -> list[Place]:
    """A page of what meets all criteria, the oldest first. None: any."""
    rows = await pool.fetch_for_tenant(tenant, INVOICES, customer_id, status, subscription_id, *after, limit)
    return [Place(row["at"], row["id"]) for row in rows]
