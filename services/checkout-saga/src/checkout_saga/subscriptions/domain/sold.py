"""What an order has sold: a plan, and the first period of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Price:
    """Of the order's line, in minor units. ``total``: what was paid for it, with the tax."""

    currency: str
    quantity: int
    unit_price: int
    discount: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class Sold:
    order_id: UUID
    line_id: str
    customer_id: str
    plan_id: str | None
    """None: a subscription without a plan, which has no periods."""
    price: Price
