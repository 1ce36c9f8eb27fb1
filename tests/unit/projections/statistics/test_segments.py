"""Scores and segments of CDNOW as of 1998-07-01."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np

from projections.statistics.segments import SEGMENTS, Segmentation, cut_points, scores, segmentation
from tests.unit.projections.statistics.cdnow import EPOCH, day, purchases


@cache
def customers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Last day, orders and revenue of each customer."""
    count = 23_570
    last, orders, revenue = (np.zeros(count, np.int64) for _ in range(3))
    for it in purchases():
        number = int(it.customer_id) - 1
        last[number] = max(last[number], (it.day - EPOCH).days)
        orders[number] += 1
        revenue[number] += it.cents
    return last, orders, revenue


@cache
def found() -> Segmentation:
    return segmentation(*customers())


def test_cut_points_are_discrete_quantiles() -> None:
    assert found().cut_points == {
        "r": (day(1997, 2, 3), day(1997, 3, 2), day(1997, 4, 24), day(1998, 2, 9)),
        "f": (1, 1, 2, 4),
        "m": (15_36, 31_35, 59_92, 133_95),
    }


def test_customers_with_equally_many_orders_have_the_same_score() -> None:
    _, orders, _ = customers()

    # ntile(5) would give 4,714 of the 11,908 with one order F = 1, 4,714 F = 2 and the others 3, by their ids
    assert Counter(found().f.tolist()) == {1: 11_908, 3: 4_079, 4: 3_658, 5: 3_925}
    assert {int(f) for f in found().f[orders == 1]} == {1}


def test_each_customer_is_in_one_of_ten_segments() -> None:
    assert Counter(found().segments) == {
        "champion": 4_135,
        "loyal": 3_322,
        "potential_loyalist": 2_367,
        "hibernating": 8_569,
        "about_to_sleep": 3_339,
        "at_risk": 867,
        "needs_attention": 960,
        "cannot_lose": 11,
    }
    # new and promising need F = 1 with a late last order: all CDNOW's customers came in the first quarter
    assert set(SEGMENTS) - set(found().segments) == {"new", "promising"}
    assert len(SEGMENTS) == 10


def test_one_customer_and_equal_customers_have_scores() -> None:
    assert cut_points(np.array([7])) == (7, 7, 7, 7)
    assert scores(np.array([7, 7]), cut_points(np.array([7, 7]))).tolist() == [1, 1]
