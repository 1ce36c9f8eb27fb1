"""Reads from the log when payments were recorded to have moved money: in the order of the log, by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contracts import payment
from kernel.postgres.service_pool import ServicePool

MOVED = """
    SELECT DISTINCT stream_id FROM log_for_callers
    WHERE tenant = $1 AND type = ANY($2) AND recorded_at >= $3 AND recorded_at < $4
"""
TYPES = [payment.Captured.TYPE, payment.Refunded.TYPE]


class LoggedPayments:
    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    async def moved(self, tenant: str, since: datetime, until: datetime) -> Sequence[UUID]:
        rows = await self._pool.fetch_for_tenant(tenant, MOVED, TYPES, since, until)
        return [row["stream_id"] for row in rows]
