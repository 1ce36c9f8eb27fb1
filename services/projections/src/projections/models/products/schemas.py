"""The answer of GET /v1/analytics/products."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from kernel.http.requests import Money


class ProductPerformance(BaseModel):
    """``times_sold`` counts orders, ``quantity`` units; ``sku`` and ``name`` are from the latest sale."""

    product_id: UUID
    sku: str
    name: str
    currency: str
    times_sold: int
    quantity: int
    revenue: Money
    average_item_value: Money | None
