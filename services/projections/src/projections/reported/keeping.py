"""Keep what the executive report says, once a day and tenant, soon after midnight in UTC.

The primary key keeps each figure of a day once, also after a crash and with several replicas.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, timedelta

import structlog

from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.service.runtime import run_forever
from kernel.store.clock import database_now
from projections.questions.definitions.executive import EXECUTIVE
from projections.questions.statement import Asked, all_of

LOG = structlog.get_logger()
BEAT = "reported_figures"
INTERVAL_SECONDS = 5.0
TENANTS = """
    SELECT DISTINCT tenant FROM sales
    WHERE tenant NOT IN (SELECT tenant FROM figures_reported WHERE reported_on = $1)
    ORDER BY tenant
"""
REVENUE = "revenue"
KEEP = """
    INSERT INTO figures_reported (tenant, reported_on, figure, currency, first_day, last_day, value)
    SELECT $1, $2, figure, coalesce(currency, ''), $3, $4, value
    FROM unnest($5::text[], $6::text[], $7::jsonb[]) AS it (figure, currency, value)
    ON CONFLICT DO NOTHING
"""


class ReportedFigures:
    def __init__(self, pool: ServicePool, heartbeats: Heartbeats) -> None:
        self._pool = pool
        self._heartbeats = heartbeats
        self._kept_on: date | None = None
        self._is_failing = False
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Keep the figures of each day until cancelled."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.keep,
            pause=lambda: asyncio.sleep(INTERVAL_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=self._note_failure,
        )

    def _note_failure(self, error: Exception) -> None:
        """One line for an outage, not one for each try."""
        if not self._is_failing:
            LOG.warning("figures_not_kept", error=repr(error))
        self._is_failing = True

    async def keep(self) -> None:
        """Keep today's figures of each tenant that has none yet. A day on which no replica ran has none."""
        today = (await database_now(self._pool)).astimezone(UTC).date()
        if today == self._kept_on:
            return
        for row in await self._pool.fetch(TENANTS, today):
            self._heartbeats.beat(BEAT)
            await self._keep_of(row["tenant"])
        self._kept_on = today
        self._is_failing = False

    # failpoint: none needed (first-writer), 2 calls
    async def _keep_of(self, tenant: str) -> None:
        values = {"tenant": tenant, "known": date.max, "currency": None, "silent_days": None}
        text, arguments = all_of(Asked(EXECUTIVE, values, {}))
        (report,) = await self._pool.fetch_for_tenant(tenant, text, *arguments)
        figures = [(it["name"], it["currency"], it["value"]) for it in report["figures"]]
        if report["currency"] is not None:
            revenue = {"amount": report["last_30_days"]["revenue"], "currency": report["currency"]}
            figures.append((REVENUE, report["currency"], revenue))
        columns = (list(it) for it in zip(*figures, strict=True))
        reported_on = report["last_day"] + timedelta(days=1)
        await self._pool.execute(KEEP, tenant, reported_on, report["first_day"], report["last_day"], *columns)
