"""Keep what the executive report says, once a day and tenant, soon after midnight in UTC.

The primary key keeps each figure of a day once, also after a crash and with several replicas. Days on which
no process ran are made up for: of what had been recorded by then, and marked as late.
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
MAX_DAYS = 366
"""So many days back are made up for; earlier ones stay without figures."""
MISSING = """
    WITH latest AS (
        SELECT tenant, (SELECT max(reported_on) FROM figures_reported r WHERE r.tenant = s.tenant) AS kept
        FROM (SELECT DISTINCT tenant FROM sales) AS s
    )
    SELECT tenant, day::date AS day
    FROM latest, generate_series(
        greatest(coalesce(kept + 1, $1::date), $1::date - $2::integer)::timestamp, $1::timestamp, '1 day')
        AS day
    ORDER BY tenant, day
"""
"""The days up to $1 that have no figures yet, from the latest one on that has; of a new tenant, $1 alone."""
REVENUE = "revenue"
KEEP = """
    INSERT INTO figures_reported (tenant, reported_on, figure, currency, first_day, last_day, value, is_late)
    SELECT $1, $2, figure, coalesce(currency, ''), $3, $4, value, $8
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
        """Keep today's figures of each tenant that has none yet, and those of the days missed before."""
        today = (await database_now(self._pool)).astimezone(UTC).date()
        if today == self._kept_on:
            return
        for row in await self._pool.fetch(MISSING, today, MAX_DAYS):
            self._heartbeats.beat(BEAT)
            await self._keep_of(row["tenant"], row["day"], is_late=row["day"] < today)
        self._kept_on = today
        self._is_failing = False

    # failpoint: none needed (first-writer), 2 calls
    async def _keep_of(self, tenant: str, day: date, *, is_late: bool) -> None:
        """The figures of ``day``: if it is over, as they were known at the end of the one before."""
        known = day - timedelta(days=1) if is_late else date.max
        values = {"tenant": tenant, "known": known, "currency": None, "silent_days": None}
        text, arguments = all_of(Asked(EXECUTIVE, values, {}))
        (report,) = await self._pool.fetch_for_tenant(tenant, text, *arguments)
        figures = [(it["name"], it["currency"], it["value"]) for it in report["figures"]]
        if report["currency"] is not None:
            revenue = {"amount": report["last_30_days"]["revenue"], "currency": report["currency"]}
            figures.append((REVENUE, report["currency"], revenue))
        columns = (list(it) for it in zip(*figures, strict=True))
        reported_on, last = report["last_day"] + timedelta(days=1), report["last_day"]
        await self._pool.execute(KEEP, tenant, reported_on, report["first_day"], last, *columns, is_late)
