"""The metric of what waits for an operator, for alerts."""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from kernel.observability.metrics.declaring import Part, gauge
from kernel.service.runtime import run_forever

LOG = structlog.get_logger()
INTERVAL_SECONDS = 5.0
ATTENTION = gauge(Part.PROCESS, "feira_attention", "What waits for an operator, over all tenants", ("kind",))
COUNT = "SELECT count(*) FROM claims WHERE kind = $1"


class AttentionGauge:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    async def run(self) -> None:
        """No error may end the loop: the gauge would keep its last value."""
        await run_forever(self._count, lambda: asyncio.sleep(INTERVAL_SECONDS), on_error=_warn)

    async def _count(self) -> None:
        count = await self._pool.fetchval(COUNT, REFUND_NEEDING_ATTENTION, timeout=3)
        ATTENTION.labels("refund").set(count)


def _warn(error: Exception) -> None:
    LOG.warning("attention_count_failed", error=repr(error))
