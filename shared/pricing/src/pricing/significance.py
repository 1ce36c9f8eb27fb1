"""Whether a variant converts otherwise than the control: a z-test of two proportions with pooled variance.

It is valid at a number of sessions that was fixed beforehand, and not if one looks until it is significant.
"""

from dataclasses import dataclass
from math import erfc, sqrt

METHOD = "two_proportion_z_pooled"
LEVEL = 0.05
"""For a single comparison; it is divided by the number of comparisons (Bonferroni)."""
Z_95 = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many standard deviations."""
LEAST_EXPECTED = 5
"""Fewer expected conversions, or expected sessions without one, are too few for the normal distribution."""


@dataclass(frozen=True, slots=True)
class Count:
    exposures: int = 0
    conversions: int = 0

    @property
    def rate(self) -> float | None:
        return self.conversions / self.exposures if self.exposures else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``z`` to 4 decimals, ``p_value`` to 6, two-sided."""

    z: float
    p_value: float
    significant: bool


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def interval(count: Count) -> Interval | None:
    """Wilson's score interval of the rate at 95 %. None without exposures, or if there are more
    conversions than exposures, which count on other days."""
    n, k, square = count.exposures, count.conversions, Z_95 * Z_95
    if not n or not 0 <= k <= n:
        return None
    middle, half = k + square / 2, Z_95 * sqrt(k * (n - k) / n + square / 4)
    low, high = ((middle + it) / (n + square) for it in (-half, half))
    return Interval(max(0.0, low), min(1.0, high))


def compare(control: Count, variant: Count, comparisons: int) -> Comparison | None:
    """``comparisons``: how many variants are compared with the control. None if there is too little."""
    n1, n2 = control.exposures, variant.exposures
    if not n1 or not n2:
        return None
    pooled = (control.conversions + variant.conversions) / (n1 + n2)
    if any(n * share < LEAST_EXPECTED for n in (n1, n2) for share in (pooled, 1 - pooled)):
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    z = (variant.conversions / n2 - control.conversions / n1) / error
    p_value = erfc(abs(z) / sqrt(2))
    return Comparison(round(z, 4), round(p_value, 6), p_value < LEVEL / comparisons)
