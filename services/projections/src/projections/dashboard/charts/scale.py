"""Where a value lies on an axis, and at which round values an axis has lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (1, 2, 5, 10)
LINES = 4


@dataclass(frozen=True, slots=True)
class Scale:
    low: float
    high: float
    start: float
    """The coordinate of ``low``."""
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + share * (self.end - self.start)


def step_of(low: float, high: float) -> float:
    """1, 2 or 5 times a power of ten."""
    rough = (high - low) / LINES
    power = 10.0 ** floor(log10(rough))
    return next(it * power for it in STEPS if it * power >= rough * 0.999)


def lines_of(values: Iterable[float]) -> Sequence[float]:
    """Round values from below the least to above the greatest; 0 is always one of them."""
    found = [0.0, *values]
    low, high = min(found), max(found)
    if low == high:
        high = low + 1.0
    step = step_of(low, high)
    return [it * step for it in range(floor(low / step), ceil(high / step) + 1)]
