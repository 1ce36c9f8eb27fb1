"""Forecasts by month: revenue, new and active customers, churn, and the shape of the year.

Each series is continued by the method that has continued its own past best. A series that is too short for a
back-test has no forecast, and the run says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from projections.model_runs.fits import months as series_of
from projections.model_runs.fits.months import next_month, whole_months
from projections.model_runs.fits.outcome import ForecastPoint, Outcome, TooFew
from projections.model_runs.sales import Sales, day_of
from projections.statistics.backtest import TooShort, forecast
from projections.statistics.fitting import Floats
from projections.statistics.forecasting import MONTHS
from projections.statistics.seasonality import seasonal_index
from projections.statistics.silence import silent_days

Series: TypeAlias = Callable[[Sales, list[date]], Floats]

CHURN = "churn"
SEASONALITY = "seasonality"
AHEAD = MappingProxyType({"revenue": 6, "new_customers": 3, "active_customers": 3, CHURN: 1})
"""Months that are forecast, by series."""
SERIES: MappingProxyType[str, Series] = MappingProxyType(
    {
        "revenue": series_of.revenue,
        "new_customers": series_of.new_customers,
        "active_customers": series_of.active_customers,
    }
)


def fit(sales: Sales, today: date) -> Outcome:
    """Raises ``TooFew``. The month of ``today`` is not over: no series has it."""
    last = sales.last_day
    if last is None:
        raise TooFew("nothing was sold before today")
    first = day_of(int(sales.day[sales.orders > 0].min()))
    months = whole_months(first, day_of(last), today)
    if not months:
        raise TooFew("no whole month of sales")
    silent = silent_days(sales.order_days)
    series = {name: it(sales, months) for name, it in SERIES.items()}
    series[CHURN] = series_of.churn_rates(sales, months, silent) if silent else np.zeros(0)
    points: list[ForecastPoint] = []
    parameters: dict[str, Any] = {"silent_days": silent, "months": len(months)}
    errors: dict[str, Any] = {}
    after = next_month(months[-1])
    for name, values in series.items():
        try:
            found = forecast(values, AHEAD[name])
        except TooShort as short:
            parameters[name] = {"method": None, "months": len(values), "reason": str(short)}
            continue
        parameters[name] = {"method": found.method, "months": len(values)}
        errors[name] = {**found.accuracy._asdict(), "folds": found.origins, "coverage": found.coverage}
        points += _points(name, values, after, found.value, found.low, found.high)
    points += _seasonality(series["revenue"], months, parameters)
    if not points:
        raise TooFew(f"{len(months)} whole months of sales: no series is long enough for a back-test")
    return Outcome(months[0], day_of(last), parameters, points, errors=errors)


def _points(
    name: str, past: Floats, after: date, value: Floats, low: Floats, high: Floats
) -> list[ForecastPoint]:
    """Nothing falls below 0 that never has, and a rate does not exceed 1."""
    bottom = 0.0 if (past >= 0).all() else -np.inf
    top = 1.0 if name == CHURN else np.inf
    rows = (np.clip(it, bottom, top).tolist() for it in (value, low, high))
    return [
        ForecastPoint(name, next_month(after, ahead), *row)
        for ahead, row in enumerate(zip(*rows, strict=True))
    ]


def _seasonality(revenue: Floats, months: list[date], parameters: dict[str, Any]) -> list[ForecastPoint]:
    """The index of the twelve months to come: 1 is an average month."""
    index = seasonal_index(revenue, MONTHS)
    if index is None:
        parameters[SEASONALITY] = {"reason": f"{len(months)} months: the index needs {2 * MONTHS} with sales"}
        return []
    parameters[SEASONALITY] = {"method": "ratio_to_moving_average", "months": len(months)}
    n, after = len(months), next_month(months[-1])
    return [
        ForecastPoint(SEASONALITY, next_month(after, ahead), float(index[(n + ahead) % MONTHS]), None, None)
        for ahead in range(MONTHS)
    ]
