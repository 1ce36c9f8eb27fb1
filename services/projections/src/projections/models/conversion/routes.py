"""GET /v1/analytics/conversion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import asyncpg

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.paging import Page, Paged
from kernel.http.requests import Money
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.models.averages import average
from projections.models.conversion.query import PAGE
from projections.models.conversion.schemas import Conversion
from projections.models.ranges import InRange


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def get_conversion(self, caller: Caller, paging: Paged, days: InRange) -> Page[Conversion]:
        """By day and currency, most recent first."""
        day, currency = paging.after(date, str) or (None, None)
        rows = await self.pool.fetch_for_tenant(
            caller.tenant, PAGE, days.first, days.end, day, currency, paging.more
        )
        return paging.page(rows, key=lambda row: (row["day"], row["currency"]), show=_view)


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    return RouteTable(
        "analytics",
        (Route("GET", "/v1/analytics/conversion", do.get_conversion, ANALYSTS, Page[Conversion]),),
    )


def _view(row: asyncpg.Record) -> Conversion:
    checkouts, completed, currency = row["checkouts"], row["completed"], row["currency"]
    return Conversion(
        day=row["day"],
        currency=currency,
        checkouts=checkouts,
        completed=completed,
        rate=completed / checkouts if checkouts else None,
        revenue=Money(amount=row["revenue"], currency=currency),
        average_order_value=average(row["ordered"], completed, currency),
    )
