"""Variants with the same rate seldom look different, and a split that is not as its weights say is found."""

from __future__ import annotations

from random import Random

import pytest

from pricing.sample_ratio import Split, check_split, chi_square_tail
from pricing.significance import Count, compare

RUNS, SESSIONS, RATE = 1_000, 500, 0.2


def test_200_of_1000_against_250_of_1000_differ_significantly() -> None:
    found = compare(Count(1_000, 200), Count(1_000, 250), comparisons=1)
    assert found is not None
    assert (round(found.z, 3), round(found.p_value, 4), found.significant) == (2.677, 0.0074, True)


def test_of_two_variants_that_are_equal_one_in_twenty_looks_better_or_worse() -> None:
    chance = Random(7)
    significant = 0
    for _ in range(RUNS):
        first, second = (
            Count(SESSIONS, sum(chance.random() < RATE for _ in range(SESSIONS))) for _ in range(2)
        )
        found = compare(first, second, comparisons=1)
        significant += found is not None and found.significant
    assert 0.036 <= significant / RUNS <= 0.064


@pytest.mark.parametrize(
    ("weights", "exposures", "expected"),
    [
        ((1, 1), (5_000, 5_100), Split(0.319718, broken=False)),
        ((1, 1), (5_000, 5_500), Split(0.000001, broken=True)),
        ((3, 1), (750, 250), Split(1.0, broken=False)),
        ((2, 1, 1), (480, 260, 260), Split(0.449329, broken=False)),
        ((1, 1), (0, 0), None),
        ((1,), (10,), None),
    ],
    ids=["equal", "broken", "by weight", "three", "nothing seen", "one variant"],
)
def test_the_sessions_of_the_variants_are_compared_with_their_weights(
    weights: tuple[int, ...], exposures: tuple[int, ...], expected: Split | None
) -> None:
    assert check_split(weights, exposures) == expected


@pytest.mark.parametrize(
    ("x", "degrees"), [(3.841459, 1), (5.991465, 2), (7.814728, 3), (9.487729, 4), (11.070498, 5)]
)
def test_the_tail_of_the_chi_square_distribution_has_its_tabulated_values(x: float, degrees: int) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(0.05, abs=1e-7)
