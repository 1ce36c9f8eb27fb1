"""Rounding and splitting in exact fractions, by the text of the rules: nothing of the services' code."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor

HALF_EVEN = "half_even"


def rounded(exact: Fraction, mode: str) -> int:
    """To a whole number of minor units; exactly half of one goes up, or to the even neighbour."""
    return round(exact) if mode == HALF_EVEN else floor(exact + Fraction(1, 2))


def percent_of(amount: int, percent: str | float) -> Fraction:
    """The percentage of an amount. A JSON number is what its decimal digits say."""
    return amount * Fraction(str(percent)) / 100


def split(amount: int, claims: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By largest remainder; of equal remainders the claim that comes first is served first."""
    claims = list(claims)
    total = sum(weight for _, weight in claims)
    if not total:
        return {key: 0 for key, _ in claims}
    parts = [amount * weight // total for _, weight in claims]
    by_remainder = sorted(range(len(claims)), key=lambda at: (-(amount * claims[at][1] % total), at))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return {key: part for (key, _), part in zip(claims, parts, strict=True)}
