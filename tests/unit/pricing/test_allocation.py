"""Rules for splitting an amount over lines and over the units of a line."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.allocation import allocate, allocate_to_units

WEIGHTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.one_of(st.integers(0, 300), st.integers(0, 10**30)),
    min_size=1,
    max_size=8,
)


@st.composite
def discounts(draw: st.DrawFn) -> tuple[int, dict[str, int]]:
    """An amount, and weights whose sum it does not exceed."""
    weights = draw(WEIGHTS)
    return draw(st.integers(0, sum(weights.values()))), weights


def by_exact_fractions(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """The same rule with exact fractions: the missing units go to the largest remainders."""
    exact = {key: Fraction(amount * weight, sum(weights.values())) for key, weight in weights.items()}
    parts = {key: floor(claim) for key, claim in exact.items()}
    claims = sorted(weights, key=lambda key: (parts[key] - exact[key], key))
    for key in claims[: amount - sum(parts.values())]:
        parts[key] += 1
    return parts


@given(discounts())
def test_the_parts_add_up_to_the_amount_and_none_is_above_its_line(
    discount: tuple[int, dict[str, int]],
) -> None:
    amount, weights = discount
    parts = allocate(amount, weights)
    assert sum(parts.values()) == amount
    assert all(0 <= parts[key] <= weight for key, weight in weights.items())


@given(discounts())
def test_every_part_equals_the_rule_with_exact_fractions(discount: tuple[int, dict[str, int]]) -> None:
    amount, weights = discount
    if sum(weights.values()):
        assert allocate(amount, weights) == by_exact_fractions(amount, weights)


@given(discounts(), st.data())
def test_the_order_of_the_lines_changes_no_part(
    discount: tuple[int, dict[str, int]], data: st.DataObject
) -> None:
    amount, weights = discount
    keys = data.draw(st.permutations(list(weights)))
    assert allocate(amount, {key: weights[key] for key in keys}) == allocate(amount, weights)


def test_no_line_becomes_dearer_where_the_last_line_would_take_the_rest() -> None:
    """Giving the rest to the last line would take -1 off it here: .01 would become .02."""
    prices = dict(zip("abcdefgh", (59, 6, 57, 58, 11, 51, 2, 1), strict=True))
    parts = allocate(214, prices)
    assert sum(parts.values()) == 214
    assert parts == {"a": 51, "b": 5, "c": 50, "d": 51, "e": 10, "f": 44, "g": 2, "h": 1}


def test_the_smaller_line_id_gets_the_odd_cent_of_equal_lines() -> None:
    assert allocate(100, {"c": 500, "a": 500, "b": 500}) == {"a": 34, "b": 33, "c": 33}


def test_a_free_line_gets_nothing() -> None:
    assert allocate(10, {"a": 0, "b": 30}) == {"a": 0, "b": 10}


def test_nothing_is_allocated_to_free_lines_only() -> None:
    assert allocate(0, {"a": 0, "b": 0, "c": 0}) == {"a": 0, "b": 0, "c": 0}


@pytest.mark.parametrize("weights", [{}, {"a": 0, "b": 0}])
def test_an_amount_without_anything_to_allocate_it_to_is_refused(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="needs something"):
        allocate(10, weights)


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        allocate(-1, {"a": 10})
    with pytest.raises(ValueError, match="non-negative"):
        allocate(1, {"a": 10, "b": -1})


@given(st.integers(0, 10**18), st.integers(1, 1000))
def test_the_units_add_up_to_the_line_and_differ_by_one_at_most(amount: int, quantity: int) -> None:
    units = allocate_to_units(amount, quantity)
    assert len(units) == quantity
    assert sum(units) == amount
    assert max(units) - min(units) <= 1


@given(st.integers(1, 1000), st.integers(0, 10**12), st.data())
def test_no_unit_is_discounted_by_more_than_its_price(
    quantity: int, unit_price: int, data: st.DataObject
) -> None:
    discount = data.draw(st.integers(0, quantity * unit_price))
    assert max(allocate_to_units(discount, quantity)) <= unit_price


def test_units_refunded_one_by_one_give_back_the_line() -> None:
    assert allocate_to_units(1000, 3) == (334, 333, 333)


def test_a_line_without_units_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="0 units"):
        allocate_to_units(10, 0)
