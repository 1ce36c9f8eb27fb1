"""POST and GET /v1/analytics/spend: what the shop has spent to be found.

Without it the cost of a new customer is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import Response

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.dependencies import Write
from kernel.http.paging import Page, Paged
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import Transaction
from projections.models.ranges import InRange
from projections.spend import rows
from projections.spend.schemas import Spend, SpendReport

PATH = "/v1/analytics/spend"


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def record_spend(self, body: SpendReport, write: Write) -> Response:
        """Records what a channel has cost on a day, in all. A later report of the same channel, day and
        currency replaces it from then on: what was known before stays known as of its day."""

        async def act(transaction: Transaction) -> Result:
            context = write.context
            return Result(await rows.record(transaction.connection, context.tenant, body, context.actor))

        return await write.run_within(act)

    async def list_spend(self, caller: Caller, paging: Paged, days: InRange) -> Page[Spend]:
        """What counts now, by channel, day and currency, the latest day first."""
        after = paging.after(date, str, str) or (None,) * 3
        found = await self.pool.fetch_for_tenant(
            caller.tenant, rows.PAGE, days.first, days.end, *after, paging.more
        )
        return paging.page(found, key=lambda it: (it["day"], it["channel"], it["currency"]), show=rows.view)


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    return RouteTable(
        "analytics",
        (
            Route("POST", PATH, do.record_spend, ANALYSTS, Spend, status=201),
            Route("GET", PATH, do.list_spend, ANALYSTS, Page[Spend]),
        ),
    )
