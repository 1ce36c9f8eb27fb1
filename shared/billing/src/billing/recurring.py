"""Monthly recurring revenue: exact for each subscription, rounded once in the sum."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from billing.changes import yearly_price
from billing.periods import MONTHS_OF_YEAR, Cycle
from pricing.rounding import Mode, divide


def monthly_revenue(recurring: Iterable[tuple[int, Cycle]], mode: Mode) -> int:
    """Of subscriptions in one currency that are active or past due, as price and cycle; minor units."""
    exact = sum((yearly_price(*it) for it in recurring), Fraction()) / MONTHS_OF_YEAR
    return divide(exact.numerator, exact.denominator, mode)
