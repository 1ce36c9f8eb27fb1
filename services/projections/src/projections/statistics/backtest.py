"""Rolling-origin back-test: what a method would have said at each month of the past, against what came.

At each origin a method sees the months before it and nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from projections.statistics.fitting import Floats
from projections.statistics.forecasting import METHODS, MONTHS, Method

COVERED = 0.8
"""The share of future values that an interval is made to hold."""
MIN_ORIGINS = 4
"""Without which a back-test shows nothing, and there is no interval."""
MIN_PAST = 6
"""Values before the first origin."""


class TooShort(Exception):
    """The series has too few values for a back-test."""


class Accuracy(NamedTuple):
    """None where there is nothing to divide by."""

    smape: float | None
    """Mean of 2 |A - F| / (|A| + |F|), in per cent."""
    mase: float | None
    """Mean error over the mean error of (seasonal) naive within the first training window."""
    wape: float | None
    """Sum of errors over sum of values."""


class Backtest(NamedTuple):
    """Rows: origins; columns: how many months ahead, from 1."""

    actual: Floats
    forecast: Floats
    accuracy: Accuracy

    @property
    def mean_error(self) -> float:
        return float(np.abs(self.actual - self.forecast).mean())


class Forecast(NamedTuple):
    method: str
    value: Floats
    low: Floats
    high: Floats
    accuracy: Accuracy
    origins: int
    coverage: float | None
    """The share of past values within the interval that was known at their origin; None where no origin
    had enough others before it."""


def first_origin(length: int) -> int:
    """Half of the series is for training alone."""
    return max(MIN_PAST, length // 2)


def backtest(series: Floats, method: Method, ahead: int, first: int) -> Backtest:
    """``ahead``: months that are forecast at each origin; ``first``: values before the first origin."""
    origins = range(first, len(series) - ahead + 1)
    if len(origins) < MIN_ORIGINS:
        raise TooShort(f"{len(series)} values are too few to forecast {ahead}")
    actual = np.array([series[it : it + ahead] for it in origins])
    forecast = np.array([method(series[:it], ahead) for it in origins])
    return Backtest(actual, forecast, _accuracy(series[:first], actual, forecast))


def forecast(series: Floats, ahead: int) -> Forecast:
    """By the method with the smallest mean error in the back-test of this series."""
    first = first_origin(len(series))
    tests = {name: backtest(series, it, ahead, first) for name, it in METHODS.items()}
    name = min(tests, key=lambda it: tests[it].mean_error)
    test, value = tests[name], METHODS[name](series, ahead)
    low, high = interval(value, test.actual, test.forecast)
    return Forecast(name, value, low, high, test.accuracy, len(test.actual), coverage(test, ahead))


def interval(value: Floats, actual: Floats, past_forecast: Floats) -> tuple[Floats, Floats]:
    """Conformal: as wide as the 80 % quantile of the past errors the same number of months ahead. Errors
    are relative where all forecasts are positive, else absolute."""
    if (past_forecast > 0).all() and (value > 0).all():
        width = value * _quantile(np.abs(actual / past_forecast - 1))
    else:
        width = _quantile(np.abs(actual - past_forecast))
    return value - width, value + width


def coverage(test: Backtest, ahead: int) -> float | None:
    """How often the interval held, each made from the origins whose months were all known by then."""
    hits = [
        (low <= test.actual[row]) & (test.actual[row] <= high)
        for row in range(MIN_ORIGINS + ahead - 1, len(test.actual))
        for known in [row - ahead + 1]
        for low, high in [interval(test.forecast[row], test.actual[:known], test.forecast[:known])]
    ]
    return float(np.mean(hits)) if hits else None


def _quantile(errors: Floats) -> Floats:
    quantile: Floats = np.quantile(errors, COVERED, axis=0, method="higher")
    return quantile


def _accuracy(training: Floats, actual: Floats, forecast: Floats) -> Accuracy:
    errors = np.abs(actual - forecast)
    sizes = np.abs(actual) + np.abs(forecast)
    lag = MONTHS if len(training) >= 2 * MONTHS else 1
    scale = float(np.abs(training[lag:] - training[:-lag]).mean())
    total = float(np.abs(actual).sum())
    smape = 200 * np.divide(errors, sizes, out=np.zeros_like(errors), where=sizes > 0)
    return Accuracy(
        smape=float(smape.mean()),
        mase=float(errors.mean()) / scale if scale else None,
        wape=float(errors.sum()) / total if total else None,
    )
