"""The answer of GET /v1/analytics/conversion."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from kernel.http.requests import Money


class Conversion(BaseModel):
    """``rate`` is from 0 to 1, or null if no checkout was started on that day."""

    day: date
    currency: str
    checkouts: int
    completed: int
    rate: float | None
    revenue: Money
    average_order_value: Money | None
    """Of the orders created by that day's checkouts."""
