"""Forecasts and their back-test."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from projections.statistics.backtest import TooShort, backtest, coverage, first_origin, forecast, interval
from projections.statistics.fitting import Floats
from projections.statistics.forecasting import METHODS, theta
from projections.statistics.seasonality import is_seasonal, seasonal_index
from tests.unit.projections.statistics.cdnow import day, master
from tests.unit.projections.statistics.series import AIR_PASSENGERS, CDNOW_REVENUE


@pytest.mark.parametrize(
    ("method", "smape"), [("naive", 17.7), ("drift", 17.4), ("seasonal_naive", 11.1), ("theta", 6.475)]
)
def test_the_back_test_of_air_passengers_has_the_known_errors(method: str, smape: float) -> None:
    found = backtest(AIR_PASSENGERS, METHODS[method], 6, 60)

    assert len(found.actual) == 79
    assert found.accuracy.smape == approx(smape, abs=0.0005 if method == "theta" else 0.05)


def test_theta_equals_the_library_statsforecast_on_air_passengers() -> None:
    points = theta(AIR_PASSENGERS[:132], 12)

    expected = [411.3, 402.2, 462.8, 444.6, 447.9, 509.5, 561.8, 559.4, 490.4, 427.2, 371.9, 419.0]
    assert points.tolist() == approx(expected, abs=0.05)
    # statsforecast's Theta
    assert points[[0, 1, 2, 3, 11]].tolist() == approx([411.4, 402.3, 462.9, 444.7, 419.0], abs=0.15)


@pytest.mark.parametrize(("method", "smape"), [("naive", 23.6), ("drift", 59.2), ("theta", 38.8)])
def test_the_back_test_of_cdnow_has_the_known_errors(method: str, smape: float) -> None:
    assert backtest(CDNOW_REVENUE, METHODS[method], 3, 9).accuracy.smape == approx(smape, abs=0.05)


def test_the_method_with_the_smallest_error_is_taken_for_each_series() -> None:
    assert forecast(CDNOW_REVENUE, 3).method == "naive"
    assert forecast(AIR_PASSENGERS, 6).method == "theta"


def test_intervals_hold_what_they_promise_on_air_passengers() -> None:
    # each made from the origins before it: 91 % of the months of the last 43 origins, where 80 % were
    # asked for
    test = backtest(AIR_PASSENGERS, theta, 6, 60)
    hits = []
    for row in range(96 - 60, len(test.actual)):
        known = row - 5
        low, high = interval(test.forecast[row], test.actual[:known], test.forecast[:known])
        hits.append((low <= test.actual[row]) & (test.actual[row] <= high))

    assert np.mean(hits) == approx(0.91, abs=0.005)
    covered = coverage(test, 6)
    assert covered is not None
    assert covered > 0.8


def test_a_method_sees_nothing_of_what_it_forecasts() -> None:
    seen: list[int] = []

    def watching(past: Floats, points: int) -> Floats:
        seen.append(len(past))
        return np.full(points, past[-1])

    found = backtest(np.arange(20.0), watching, 3, 8)

    assert seen == list(range(8, 18))
    assert found.actual[:, 0].tolist() == seen  # the first value that was not seen


def test_the_months_of_cdnow_are_those_of_its_orders() -> None:
    orders = master()
    march = (orders.day >= day(1997, 3)) & (orders.day < day(1997, 4))

    assert orders.value[march].sum() / 100 == approx(393_155.27)
    assert CDNOW_REVENUE.sum() == approx(2_500_315.63)


def test_a_season_needs_two_years_and_its_test_three() -> None:
    index = seasonal_index(AIR_PASSENGERS, 12)

    assert index is not None
    assert index.mean() == approx(1)
    assert [int(index.argmax()), int(index.argmin())] == [6, 10]  # July and November
    assert is_seasonal(AIR_PASSENGERS, 12)
    assert not is_seasonal(AIR_PASSENGERS[:35], 12)
    assert seasonal_index(CDNOW_REVENUE, 12) is None


@pytest.mark.parametrize("ahead", [1, 3, 6])
def test_a_series_that_is_too_short_for_a_back_test_is_not_forecast(ahead: int) -> None:
    shortest = next(it for it in range(6, 40) if it - first_origin(it) - ahead + 1 >= 4)

    assert forecast(np.arange(float(shortest)), ahead).origins == 4
    with pytest.raises(TooShort):
        forecast(np.arange(shortest - 1.0), ahead)


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(np.zeros(24), id="nothing"),
        pytest.param(np.r_[np.zeros(12), np.arange(12.0)], id="begins with nothing"),
        pytest.param(np.tile([5.0, 0.0, -3.0], 16), id="refunds"),
        pytest.param(np.ones(48), id="always the same"),
    ],
)
def test_zeros_and_refunds_have_a_forecast_of_numbers(series: Floats) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = forecast(series, 3)

    assert np.isfinite([*found.value, *found.low, *found.high]).all()
    assert (found.low <= found.value).all()
    assert found.accuracy.wape is None or found.accuracy.wape >= 0
