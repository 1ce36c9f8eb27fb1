"""The oracle's arithmetic: exact fractions, rounded at the end."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import floor


def rounded(exact: Fraction, mode: str) -> int:
    """``round`` of Python takes the even number of two that are as near."""
    return round(exact) if mode == "half_even" else floor(exact + Fraction(1, 2))


def part(amount: int, units: int, of: int, mode: str) -> int:
    """The amount for some units of a time; nothing if the time has none."""
    return rounded(Fraction(amount) * units / of, mode) if of else 0


def tax_of(amount: int, rate: Fraction, *, inside: bool, mode: str) -> int:
    return amount - rounded(amount / (1 + rate), mode) if inside else rounded(amount * rate, mode)


def tiered(steps: list[tuple[int | None, Fraction]], billable: Fraction, *, by_volume: bool) -> Fraction:
    """Unit by unit. The last, begun unit counts for its part."""
    whole, begun = divmod(billable, 1)
    prices = [_price_of(steps, unit) for unit in range(1, whole + (2 if begun else 1))]
    if by_volume:
        return billable * prices[-1] if prices else Fraction()
    total = sum((price * units for price, units in Counter(prices[:whole]).items()), Fraction())
    return total + begun * prices[-1] if begun else total


def _price_of(steps: list[tuple[int | None, Fraction]], unit: int) -> Fraction:
    return next(price for end, price in steps if end is None or unit <= end)


def packages(size: int, amount: int, billable: Fraction) -> int:
    begun = 0
    while begun * size < billable:
        begun += 1
    return begun * amount
