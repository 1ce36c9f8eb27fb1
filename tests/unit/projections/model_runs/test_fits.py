"""What each model finds in the sales of a shop."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from pytest import approx

from projections.model_runs.fits import customer_segments, customer_value, forecasts
from projections.model_runs.fits.months import next_month, whole_months
from projections.model_runs.fits.outcome import CustomerSegment, CustomerValue, ForecastPoint, Outcome, TooFew
from projections.statistics.ranking import auc
from tests.unit.projections.model_runs.shops import Row, cdnow, sales, sample_rows
from tests.unit.projections.statistics.cdnow import EPOCH

END = date(1998, 6, 30)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def values() -> Outcome:
    return customer_value.fit(sales(sample_rows()))


@pytest.fixture(scope="module")
def months() -> Outcome:
    return forecasts.fit(cdnow(), END + DAY)


def _values(outcome: Outcome) -> list[CustomerValue]:
    return [it for it in outcome.results if isinstance(it, CustomerValue)]


def _points(outcome: Outcome, name: str) -> list[ForecastPoint]:
    return [it for it in outcome.results if isinstance(it, ForecastPoint) and it.name == name]


def test_each_customer_has_a_value_and_the_run_says_how_it_did_on_days_it_did_not_know(
    values: Outcome,
) -> None:
    assert (values.trained_from, values.trained_to) == (date(1997, 1, 1), END)
    assert len(_values(values)) == 2_357
    errors = values.errors or {}
    assert (errors["holdout_from"], errors["holdout_to"]) == ("1998-04-02", "1998-06-30")
    assert errors["customers"] == 2_357
    assert errors["expected"] == approx(errors["actual"], rel=0.3)
    assert errors["auc"] > 0.75
    assert errors["brier"] < errors["brier_of_the_mean"]
    assert len(errors["deciles"]) == 10


def test_the_holdout_knows_nothing_of_the_days_that_it_is_compared_with() -> None:
    # what happens after the cut changes the actual figure and nothing that is expected
    cut = END - timedelta(days=90)
    busier = [row if row[1] <= cut else (row[0], row[1], 5 * row[2], 5 * row[3], 0) for row in sample_rows()]
    later = [("00004", cut + timedelta(days=it), 1, 100, 0) for it in range(1, 91)]
    kept = [row for row in busier if row[0] != "00004" or row[1] <= cut]

    found = customer_value.holdout_errors(sales(kept + later).order_days, (END - EPOCH).days)
    plain = customer_value.holdout_errors(sales(sample_rows()).order_days, (END - EPOCH).days)

    assert found["expected"] == plain["expected"]
    assert found["actual"] > plain["actual"]


def test_customers_are_ranked_by_the_probability_of_an_order_and_not_by_p_alive() -> None:
    until = END - timedelta(days=90)
    found = _values(customer_value.fit(sales(it for it in sample_rows() if it[1] <= until)))
    later = {name for name, day, *_ in sample_rows() if until < day}
    ordered = np.array([it.customer_id in later for it in found], dtype=float)

    by_probability = auc(np.array([it.probability_90d for it in found]), ordered)
    by_alive = auc(np.array([it.p_alive for it in found]), ordered)

    assert by_probability is not None
    assert by_alive is not None
    assert by_probability > 0.75
    assert by_alive < 0.5  # worse than a coin


def test_refunds_lower_values_by_the_share_that_was_refunded(values: Outcome) -> None:
    refunded = [(name, day, orders, gross, gross // 4) for name, day, orders, gross, _ in sample_rows()]

    found = customer_value.fit(sales(refunded))

    assert found.parameters["kept_share"] == approx(0.75, abs=0.001)
    total = sum(it.value_12m or 0 for it in _values(values))
    assert sum(it.value_12m or 0 for it in _values(found)) == approx(0.75 * total, rel=0.002)


@pytest.mark.parametrize(
    ("customers", "repeaters"), [(199, 199), (300, 99)], ids=["199 customers", "99 of them again"]
)
def test_a_shop_with_too_few_customers_gets_no_values(customers: int, repeaters: int) -> None:
    rows: list[Row] = [
        (f"c{it:03}", END - timedelta(days=200 + it % 50), 1, 100, 0) for it in range(customers)
    ]
    rows += [(f"c{it:03}", END - timedelta(days=it % 40), 1, 100, 0) for it in range(repeaters)]

    with pytest.raises(TooFew, match=f"{customers} customers, {repeaters} of whom"):
        customer_value.fit(sales(rows))


def test_values_are_null_where_all_orders_were_free() -> None:
    found = customer_value.fit(sales((it[0], it[1], it[2], 0, 0) for it in sample_rows()))

    assert {it.value_12m for it in _values(found)} == {None}
    assert found.parameters["gamma_gamma"] is None


def test_segments_are_those_of_the_study_with_their_cut_points() -> None:
    found = customer_segments.fit(cdnow())

    segments = Counter(it.segment for it in found.results if isinstance(it, CustomerSegment))
    assert segments["champion"] == 4_135
    assert segments["hibernating"] == 8_569
    assert found.parameters == {
        "r": ["1997-02-03", "1997-03-02", "1997-04-24", "1998-02-09"],
        "f": [1, 1, 2, 4],
        "m": [1536, 3135, 5992, 13395],
    }


def test_a_customer_whose_orders_were_all_cancelled_has_no_segment() -> None:
    rows: list[Row] = [(f"c{it}", END - timedelta(days=it), 1, 100 * it, 0) for it in range(6)]
    rows += [("gone", END, 1, 100, 0), ("gone", END - DAY, -1, -100, 0)]

    found = customer_segments.fit(sales(rows))

    assert [it.customer_id for it in found.results if isinstance(it, CustomerSegment)] == [
        f"c{it}" for it in range(6)
    ]
    with pytest.raises(TooFew):
        customer_segments.fit(sales(rows[:4]))


def test_each_series_is_forecast_for_its_months_with_an_interval(months: Outcome) -> None:
    assert [it.period for it in _points(months, "revenue")] == [next_month(END, it) for it in range(1, 7)]
    assert len(_points(months, "active_customers")) == 3
    assert len(_points(months, "new_customers")) == 3
    assert len(_points(months, "churn")) == 1 or months.parameters["churn"]["reason"]
    assert all(0 <= (it.low or 0) <= it.value <= (it.high or 0) for it in _points(months, "revenue"))
    assert (months.errors or {})["revenue"]["folds"] == 4
    assert months.parameters["revenue"] == {"method": "naive", "months": 18}
    assert _points(months, "revenue")[0].value == approx(7_610_930)


def test_eighteen_months_are_not_enough_for_the_shape_of_a_year(months: Outcome) -> None:
    assert _points(months, "seasonality") == []
    assert "needs 24" in months.parameters["seasonality"]["reason"]


def test_the_running_month_is_in_no_series() -> None:
    # as of 16 June: the half of June that is over would look like a fall
    until = date(1998, 6, 15)
    found = forecasts.fit(cdnow(until), until + DAY)

    assert found.parameters["revenue"]["months"] == 17
    assert _points(found, "revenue")[0].period == date(1998, 6, 1)
    assert _points(found, "revenue")[0].value == approx(7_098_966)  # May's


def test_the_month_in_which_a_shop_began_is_in_no_series() -> None:
    assert whole_months(date(2026, 1, 10), date(2026, 4, 30), date(2026, 5, 1)) == [
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 4, 1),
    ]
    assert whole_months(date(2026, 1, 10), date(2026, 1, 20), date(2026, 1, 21)) == []


def test_a_month_without_sales_counts_as_nothing_and_two_years_have_a_shape() -> None:
    rows: list[Row] = []
    for it in range(30):
        month = next_month(date(2023, 12, 1), it + 1)
        if it != 7:
            rows += [(f"c{it % 9}", month, 1, 1000 + 500 * (month.month == 12), 0)]

    found = forecasts.fit(sales(rows), date(2026, 7, 1))

    assert found.parameters["revenue"]["months"] == 30
    index = _points(found, "seasonality")
    assert [it.period for it in index] == [next_month(date(2026, 6, 1), it) for it in range(1, 13)]
    assert max(index, key=lambda it: it.value).period == date(2026, 12, 1)
    assert {(it.low, it.high) for it in index} == {(None, None)}


def test_a_young_shop_has_no_forecast() -> None:
    rows: list[Row] = [("c", date(2026, month, 1), 1, 100, 0) for month in range(1, 6)]

    with pytest.raises(TooFew, match="5 whole months"):
        forecasts.fit(sales(rows), date(2026, 6, 1))
    with pytest.raises(TooFew, match="no whole month"):
        forecasts.fit(sales(rows[:1]), date(2026, 1, 20))
    with pytest.raises(TooFew, match="nothing was sold"):
        forecasts.fit(sales([("c", date(2026, 1, 1), 0, 0, 50)]), date(2026, 6, 1))
