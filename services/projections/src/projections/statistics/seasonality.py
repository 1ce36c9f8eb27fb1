"""The shape of a year: whether a series has one, and its index by month."""

from __future__ import annotations

import numpy as np

from projections.statistics.fitting import Floats

MIN_SEASONS = 2
"""Whole years without which there is no index."""
TESTED_SEASONS = 3
"""Whole years without which the test says no."""
NORMAL_QUANTILE = 1.645
"""Of a two-sided test at 90 %."""


def is_seasonal(series: Floats, period: int) -> bool:
    """Whether the autocorrelation at one period differs from 0: the test of the M3 and M4 competitions'
    Theta and Comb benchmarks. A seasonal index divides, so a series that is not positive has none."""
    n = len(series)
    if n < TESTED_SEASONS * period or not (series > 0).all():
        return False
    deviation = series - series.mean()
    variance = deviation @ deviation
    if not variance:
        return False
    correlation = np.array([deviation[lag:] @ deviation[:-lag] for lag in range(1, period + 1)]) / variance
    limit = NORMAL_QUANTILE * np.sqrt((1 + 2 * np.sum(correlation[:-1] ** 2)) / n)
    return bool(abs(correlation[-1]) > limit)


def seasonal_index(series: Floats, period: int) -> Floats | None:
    """The mean ratio to the centred moving average, by position in the period; its mean is 1. None without
    two whole periods, or where the average falls to 0."""
    if len(series) < MIN_SEASONS * period:
        return None
    # an even period has no middle: both ends of the window count half
    window = np.full(period + 1, 1 / period) if period % 2 == 0 else np.full(period, 1 / period)
    if period % 2 == 0:
        window[[0, -1]] /= 2
    average = np.convolve(series, window, "valid")
    if not (average > 0).all():
        return None
    first = len(window) // 2
    ratios = series[first : first + len(average)] / average
    positions = (first + np.arange(len(ratios))) % period
    index = np.array([ratios[positions == it].mean() for it in range(period)])
    index /= index.mean()
    return index
