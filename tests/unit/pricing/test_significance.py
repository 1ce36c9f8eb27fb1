"""Variants with the same rate seldom look different, and a split that is not as its weights say is found."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.sample_ratio import Split, check_split, chi_square_tail
from pricing.significance import Count, Interval, compare, interval

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
    ("count", "low", "high"),
    [
        (Count(263, 81), 0.2553, 0.3662),
        (Count(148, 15), 0.0624, 0.1605),
        (Count(20, 0), 0.0, 0.1611),
        (Count(29, 1), 0.0061, 0.1718),
        (Count(20, 20), 0.8389, 1.0),
    ],
)
def test_the_interval_of_a_rate_is_the_published_one(count: Count, low: float, high: float) -> None:
    """The first four are those of Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    found = interval(count)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("count", [Count(0, 0), Count(2, 3), Count(2, -1)])
def test_counts_that_make_no_rate_have_no_interval(count: Count) -> None:
    assert interval(count) is None


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_the_rate_and_narrows_with_more_sessions(exposures: int, some: int) -> None:
    conversions = some % (exposures + 1)
    few, many = interval(Count(exposures, conversions)), interval(Count(100 * exposures, 100 * conversions))
    assert few is not None and many is not None
    assert 0 <= few.low <= conversions / exposures + 1e-9 and conversions / exposures - 1e-9 <= few.high <= 1
    assert _width(many) < _width(few)


def _width(it: Interval) -> float:
    return it.high - it.low


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
