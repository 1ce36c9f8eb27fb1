"""Methods that continue a series. Each gets the past alone, and returns as many points as it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from projections.statistics.fitting import Floats
from projections.statistics.seasonality import is_seasonal, seasonal_index

MONTHS = 12
SMOOTHING = np.linspace(0.05, 0.99, 48)
"""Smoothing parameters that are tried."""

Method: TypeAlias = Callable[[Floats, int], Floats]


def naive(past: Floats, points: int) -> Floats:
    """The last value again."""
    return np.full(points, past[-1])


def seasonal_naive(past: Floats, points: int) -> Floats:
    """The value of the same month of the last year; before there is one, the last value."""
    if len(past) < MONTHS:
        return naive(past, points)
    return past[len(past) - MONTHS + np.arange(points) % MONTHS]


def drift(past: Floats, points: int) -> Floats:
    """The line through the first value and the last."""
    slope = (past[-1] - past[0]) / (len(past) - 1)
    line: Floats = past[-1] + slope * np.arange(1, points + 1)
    return line


def theta(past: Floats, points: int) -> Floats:
    """Assimakopoulos and Nikolopoulos, "The theta model", International Journal of Forecasting 16 (4),
    2000, as exponential smoothing with half of the trend (Hyndman and Billah 2003), after the season is
    divided out."""
    n = len(past)
    index = seasonal_index(past, MONTHS) if is_seasonal(past, MONTHS) else None
    season = np.ones(MONTHS) if index is None else index
    level_series = past / season[np.arange(n) % MONTHS]
    trend = np.polyfit(np.arange(n), level_series, 1)[0]
    smoothing, level = _smoothed(level_series)
    ahead = np.arange(points) + (1 - (1 - smoothing) ** n) / smoothing
    result: Floats = (level + trend / 2 * ahead) * season[(n + np.arange(points)) % MONTHS]
    return result


def _smoothed(series: Floats) -> tuple[float, float]:
    """The smoothing parameter with the smallest squared errors, and the last level under it."""
    level = np.full(len(SMOOTHING), series[0])
    errors = np.zeros(len(SMOOTHING))
    for value in series[1:]:
        error = value - level
        errors += error**2
        level = level + SMOOTHING * error
    best = int(errors.argmin())
    return float(SMOOTHING[best]), float(level[best])


METHODS: MappingProxyType[str, Method] = MappingProxyType(
    {"naive": naive, "seasonal_naive": seasonal_naive, "drift": drift, "theta": theta}
)
"""From the simplest: of two that are equally good, the first is taken."""
