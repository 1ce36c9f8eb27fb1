"""The shifted beta-geometric model gives the figures of its paper."""

from __future__ import annotations

import pytest
from pytest import approx

from projections.statistics import sbg
from projections.statistics.fitting import NotFitted

REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta"),
    [pytest.param(REGULAR, 0.704, 1.182, id="regular"), pytest.param(HIGH_END, 0.668, 3.806, id="high end")],
)
def test_both_series_have_the_published_parameters(
    survivors: tuple[int, ...], alpha: float, beta: float
) -> None:
    model = sbg.fit(survivors)

    assert (model.alpha, model.beta) == approx((alpha, beta), abs=0.0005)


def test_retention_grows_although_no_customer_changes() -> None:
    model = sbg.fit(REGULAR)
    survival, retention = model.survival(12), model.retention(12)

    assert survival[0] == approx(1)
    assert survival[1:] / survival[:-1] == approx(retention)
    assert (retention[1:] > retention[:-1]).all()
    assert survival[7] * 1000 == approx(241, abs=5)


@pytest.mark.parametrize(
    "survivors",
    [
        pytest.param((10, 10, 10), id="no one left"),
        pytest.param((10, 12, 9), id="grows"),
        pytest.param((10, 9), id="one period"),
    ],
)
def test_what_is_no_shrinking_cohort_has_no_parameters(survivors: tuple[int, ...]) -> None:
    with pytest.raises(NotFitted):
        sbg.fit(survivors)
