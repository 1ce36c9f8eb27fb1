"""Read the copies of the customers' profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection
from offer.customers.domain import CustomerProfile

SELECT_PROFILES = """
    SELECT wanted.customer_id, person.ids, c.profile, o.paid_orders, o.spent, o.bought, o.fulfilled
    FROM unnest($2::text[]) AS wanted (customer_id)
    LEFT JOIN customers c ON (c.tenant, c.customer_id) = ($1, wanted.customer_id)
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT wanted.customer_id
            UNION
            SELECT guest_id FROM customer_links WHERE (tenant, customer_id) = ($1, wanted.customer_id)
            UNION
            SELECT unnest(ARRAY[l.customer_id, l.guest_id])
            FROM customer_links own JOIN customer_links l USING (tenant, customer_id)
            WHERE (own.tenant, own.guest_id) = ($1, wanted.customer_id)
        ) AS ids
    ) AS person
    CROSS JOIN LATERAL (
        WITH counted AS (
            SELECT currency, amount, product_ids, lines, fulfilled FROM customer_orders
            WHERE tenant = $1 AND customer_id = ANY(person.ids) AND paid AND NOT cancelled
        )
        SELECT (SELECT count(*) FROM counted) AS paid_orders,
               (SELECT jsonb_object_agg(currency, amount) FROM (
                   SELECT currency, sum(amount) AS amount FROM counted GROUP BY currency) AS sums) AS spent,
               ARRAY(SELECT DISTINCT unnest(product_ids) FROM counted) AS bought,
               ARRAY(SELECT DISTINCT line.value::uuid FROM counted c, jsonb_each_text(c.lines) AS line
                     WHERE line.key = ANY(c.fulfilled)) AS fulfilled
    ) AS o
"""


class CustomerRepository:
    """Implements ``offer.customers.domain.Customers``."""

    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    async def read(self, tenant: str, customer_ids: Iterable[str]) -> Mapping[str, CustomerProfile]:
        wanted = sorted({*customer_ids})
        rows = await self._pool.fetch_for_tenant(tenant, SELECT_PROFILES, wanted) if wanted else ()
        return {row["customer_id"]: _profile(row) for row in rows}


class CustomersWithin:
    """The same within a transaction, with what it has written itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, tenant: str, customer_ids: Iterable[str]) -> Mapping[str, CustomerProfile]:
        wanted = sorted({*customer_ids})
        rows = await self._connection.fetch(SELECT_PROFILES, tenant, wanted) if wanted else ()
        return {row["customer_id"]: _profile(row) for row in rows}


def _profile(row: asyncpg.Record) -> CustomerProfile:
    profile: Mapping[str, Any] = row["profile"] or {}
    return CustomerProfile(
        customer_id=row["customer_id"],
        linked=frozenset(row["ids"]) - {row["customer_id"]},
        segments=frozenset(profile.get("segments", ())),
        qualifications=frozenset(profile.get("qualifications", ())),
        email_verified=profile.get("email_verified", False),
        paid_orders=row["paid_orders"],
        spent=row["spent"] or {},
        bought=frozenset(row["bought"]),
        fulfilled=frozenset(row["fulfilled"]),
    )
