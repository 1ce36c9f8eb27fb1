"""GET /v1/analytics/conversion."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends

from contracts.roles import ANALYSTS
from kernel.http.auth import Principal, allow
from kernel.http.paging import Page, Paging
from kernel.http.requests import Money, StrictRoute
from kernel.postgres.service_pool import ServicePool
from projections.models.averages import average
from projections.models.conversion.query import PAGE
from projections.models.conversion.schemas import Conversion
from projections.models.ranges import Range


def router(pool: ServicePool) -> APIRouter:
    routes = APIRouter(prefix="/v1/analytics", route_class=StrictRoute, tags=["analytics"])

    @routes.get("/conversion", name="get_conversion")
    async def conversion(
        caller: Annotated[Principal, allow(*ANALYSTS)],
        paging: Annotated[Paging, Depends()],
        days: Annotated[Range, Depends()],
    ) -> Page[Conversion]:
        """By day and currency, most recent first."""
        day, currency = paging.after(date, str) or (None, None)
        rows = await pool.fetch_for_tenant(
            caller.tenant, PAGE, days.first, days.end, day, currency, paging.more
        )
        return paging.page(rows, key=lambda row: (row["day"], row["currency"]), show=_view)

    return routes


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
