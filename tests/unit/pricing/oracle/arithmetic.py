"""Rounding and splitting, in exact fractions."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor


def rounded(exact: Fraction, mode: str) -> int:
    """``round`` of a fraction goes to the even neighbour."""
    return round(exact) if mode == "half_even" else floor(exact + Fraction(1, 2))


def share(amount: int, percent: str | float) -> Fraction:
    return Fraction(amount) * Fraction(str(percent)) / 100


def split(amount: int, claims: Iterable[tuple[object, int]]) -> dict[object, int]:
    """By largest remainder; the claims come in the order in which equal remainders are served."""
    claims = list(claims)
    total = sum(weight for _, weight in claims)
    exact = [Fraction(amount * weight, total) if total else Fraction(0) for _, weight in claims]
    parts = [floor(it) for it in exact]
    by_remainder = sorted(range(len(claims)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: (amount if total else 0) - sum(parts)]:
        parts[index] += 1
    return {key: part for (key, _), part in zip(claims, parts, strict=True)}
