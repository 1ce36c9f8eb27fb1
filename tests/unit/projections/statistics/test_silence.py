"""Churn without a contract, on CDNOW."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from projections.statistics.order_days import OrderDays
from projections.statistics.silence import churn, gaps, silent_days
from tests.unit.projections.statistics.cdnow import day, master

MONTHS = {
    "October 1997": (day(1997, 10), day(1997, 11)),
    "January 1998": (day(1998, 1), day(1998, 2)),
    "April 1998": (day(1998, 4), day(1998, 5)),
    "June 1998": (day(1998, 6), day(1998, 7)),
}


def test_the_default_silence_is_the_ninety_per_cent_quantile_of_the_gaps() -> None:
    found = gaps(master())

    assert len(found) == 44_021
    assert [silent_days(master(), it) for it in (50, 75, 80, 90, 95)] == [34, 94, 119, 200, 283]
    assert silent_days(master()) == 200
    assert found.mean() == approx(72.2, abs=0.05)


@pytest.mark.parametrize(
    ("month", "rate"),
    [("October 1997", 0.280), ("January 1998", 0.212), ("April 1998", 0.183), ("June 1998", 0.285)],
)
def test_the_churn_of_a_month_counts_those_whose_ninetieth_silent_day_is_in_it(
    month: str, rate: float
) -> None:
    (found,) = churn(master(), 90, [MONTHS[month]])

    assert found.rate == approx(rate, abs=0.0005)
    assert month != "October 1997" or found == (4_195, 1_175)


def test_one_who_comes_back_can_leave_again() -> None:
    orders = OrderDays(np.array([0, 0]), np.array([0, 100]), np.array([1, 1]))

    assert churn(orders, 10, [(5, 20), (20, 100), (101, 120)]) == [(1, 1), (0, 0), (1, 1)]
    assert churn(orders, 10, [(20, 100)])[0].rate is None


def test_an_order_on_the_last_day_of_the_silence_is_in_time() -> None:
    orders = OrderDays(np.array([0, 0]), np.array([0, 10]), np.array([1, 1]))

    assert churn(orders, 10, [(1, 15)]) == [(1, 0)]


def test_without_a_second_order_there_is_no_gap() -> None:
    assert silent_days(OrderDays(np.array([0, 1]), np.array([3, 4]), np.array([1, 1]))) is None
