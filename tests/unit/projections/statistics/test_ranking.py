"""Measures of a ranking."""

from __future__ import annotations

import numpy as np
from pytest import approx

from projections.statistics.ranking import auc, deciles, ranked


def test_auc_is_one_for_a_perfect_order_a_half_for_none_and_nothing_without_both_outcomes() -> None:
    happened = np.array([0.0, 0.0, 1.0, 1.0])

    assert auc(np.array([0.1, 0.2, 0.3, 0.4]), happened) == 1
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), happened) == 0.5
    assert auc(np.array([0.1, 0.3, 0.2, 0.4]), happened) == 0.75
    assert auc(np.array([0.1, 0.2]), np.array([1.0, 1.0])) is None


def test_brier_is_the_mean_square_of_the_difference() -> None:
    assert ranked(np.array([0.2, 0.9]), np.array([0.0, 1.0])).brier == approx((0.04 + 0.01) / 2)


def test_deciles_go_from_the_least_probable_to_the_most() -> None:
    found = deciles(np.linspace(0, 1, 20), np.r_[np.zeros(10), np.ones(10)])

    assert [it.actual for it in found] == [0] * 5 + [1] * 5
    assert found[0].predicted < found[-1].predicted
