"""Finds the facts about a person in this service's log.

Customers are named in the bodies of facts, by their ids, and no index leads there: the log is read once from
its beginning, a range at a time. That is for erasures and reports alone, which are rare.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.payments.domain.names import MAX_ATTEMPTS, payment_id_of
from contracts import checkout
from kernel.postgres.service_pool import ServicePool

END = "SELECT coalesce(max(position), 0) FROM log_for_callers WHERE tenant = $1"
NAMING = """
    SELECT stream_id, bool_or(type = $5) AS is_checkout FROM log_for_callers
    WHERE tenant = $1 AND position > $2 AND position <= $3 AND kind = 'fact'
      AND EXISTS (SELECT FROM unnest($4::bytea[]) AS naming WHERE position(naming IN body) > 0)
    GROUP BY stream_id
"""
OF_STREAMS = """
    SELECT position, stream_id, version, type, recorded_at, body FROM log_for_callers
    WHERE tenant = $1 AND stream_id = ANY($2) AND position > $3 AND kind = 'fact'
    ORDER BY position LIMIT $4
"""
RANGE = 20_000
"""Positions that are read at once, so that no statement takes long."""


class HeldFact(NamedTuple):
    position: int
    stream_id: UUID
    version: int
    type: str
    recorded_at: datetime
    body: dict[str, Any]


class HeldFacts:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    async def streams(self, tenant: str, customer_ids: Collection[str]) -> list[UUID]:
        """All streams with facts about one of these customers: their own, and those of their checkouts,
        payments, orders and notifications."""
        naming = [b'"customer_id":' + orjson.dumps(it) for it in customer_ids]
        found = {customer_stream_id(tenant, it) for it in customer_ids}
        (end,) = await self._pool.fetch_for_tenant(tenant, END)
        for after in range(0, end[0], RANGE):
            rows = await self._pool.fetch_for_tenant(
                tenant, NAMING, after, after + RANGE, naming, checkout.Started.TYPE
            )
            found |= {row["stream_id"] for row in rows}
            found |= {
                payment_id_of(row["stream_id"], attempt)
                for row in rows
                if row["is_checkout"]
                for attempt in range(1, MAX_ATTEMPTS + 1)
            }
        return sorted(found)

    async def facts(self, tenant: str, streams: Collection[UUID], after: int, limit: int) -> list[HeldFact]:
        """Those of the streams behind a position of the log, in the log's order."""
        rows = await self._pool.fetch_for_tenant(tenant, OF_STREAMS, list(streams), after, limit)
        return [HeldFact(**{**row, "body": orjson.loads(row["body"])}) for row in rows]
