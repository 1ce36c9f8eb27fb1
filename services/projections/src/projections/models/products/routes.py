"""GET /v1/analytics/products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from pydantic import AwareDatetime, Field

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller
from kernel.http.paging import Page, Paged, expired_cursor, foreign_cursor
from kernel.http.requests import Money
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from projections.models.averages import average
from projections.models.products.query import PAGE
from projections.models.products.schemas import ProductPerformance
from projections.models.ranges import InRange

VisibleTransactions = Annotated[str, Field(pattern=r"^\d+:\d+:[\d,]*$")]
"""A PostgreSQL snapshot (xmin:xmax:in progress): which transactions were visible."""
MAX_CURSOR_AGE = timedelta(hours=1)
"""Changes since the first page are needed for later pages; ``products_change`` keeps them for 2 hours."""


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def get_product_performance(
        self, caller: Caller, paging: Paged, days: InRange
    ) -> Page[ProductPerformance]:
        """By product and currency, largest revenue first. Later pages show the state as of the first."""
        after = paging.after(VisibleTransactions, AwareDatetime, int, UUID, str) or (None,) * 5
        if after[1] is not None and datetime.now(UTC) - after[1] > MAX_CURSOR_AGE:
            raise expired_cursor()
        try:
            rows = await self.pool.fetch_for_tenant(
                caller.tenant, PAGE, days.first, days.end, *after, paging.more
            )
        except asyncpg.InvalidTextRepresentationError:
            raise foreign_cursor() from None
        return paging.page(rows, key=_cursor, show=_view)


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    shown = Page[ProductPerformance]
    return RouteTable(
        "analytics",
        (Route("GET", "/v1/analytics/products", do.get_product_performance, ANALYSTS, shown),),
    )


def _cursor(row: asyncpg.Record) -> tuple[object, ...]:
    return row["seen"], row["since"], row["revenue"], str(row["product_id"]), row["currency"]


def _view(row: asyncpg.Record) -> ProductPerformance:
    currency = row["currency"]
    return ProductPerformance(
        product_id=row["product_id"],
        sku=row["sku"],
        name=row["name"],
        currency=currency,
        times_sold=row["times_sold"],
        quantity=row["quantity"],
        revenue=Money(amount=row["revenue"], currency=currency),
        average_item_value=average(row["revenue"], row["quantity"], currency),
    )
