"""What a shop has sold in one currency: the input of every model, as arrays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from projections.statistics.fitting import Ints
from projections.statistics.order_days import OrderDays

EPOCH = date(1970, 1, 1)


def number(day: date) -> int:
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


class Sales(NamedTuple):
    """One element for each customer and day with a movement, sorted by customer, then day. ``customer`` is an
    index of ``customers``, ``day`` counts from 1970-01-01, money is in minor units."""

    customers: list[str]
    customer: Ints
    day: Ints
    orders: Ints
    gross: Ints
    refunded: Ints

    @property
    def revenue(self) -> Ints:
        return self.gross - self.refunded

    @property
    def order_days(self) -> OrderDays:
        """A day on which all orders were cancelled later is none."""
        kept = self.orders > 0
        return OrderDays(self.customer[kept], self.day[kept], self.gross[kept])

    @property
    def kept_share(self) -> float:
        """Of the money that was taken, what was not refunded."""
        gross = int(self.gross.sum())
        return max(0.0, 1 - int(self.refunded.sum()) / gross) if gross > 0 else 1.0

    @property
    def last_day(self) -> int | None:
        """The last day with an order: models look ahead from here, not from a time in which nothing was
        sold."""
        days = self.day[self.orders > 0]
        return int(days.max()) if len(days) else None
