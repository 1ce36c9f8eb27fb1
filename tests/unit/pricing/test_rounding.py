"""Rules for rounding an exact quotient."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.rounding import Level, Mode, Rounding, divide

THOUSANDTHS = 1000


def test_half_up_and_one_line_at_a_time_are_the_defaults() -> None:
    assert Rounding() == Rounding(Mode.HALF_UP, Level.LINE)


@pytest.mark.parametrize(("halves", "up", "even"), [(1, 1, 0), (3, 2, 2), (5, 3, 2), (7, 4, 4)])
def test_the_modes_differ_only_at_exactly_half(halves: int, up: int, even: int) -> None:
    assert divide(halves, 2, Mode.HALF_UP) == up
    assert divide(halves, 2, Mode.HALF_EVEN) == even


@given(st.integers(0, 10**30))
def test_rounding_agrees_with_decimal_arithmetic(numerator: int) -> None:
    exact = Decimal(numerator).scaleb(-3, Context(prec=60))
    for mode, name in ((Mode.HALF_UP, ROUND_HALF_UP), (Mode.HALF_EVEN, ROUND_HALF_EVEN)):
        assert divide(numerator, THOUSANDTHS, mode) == int(exact.to_integral_value(name))


def test_half_a_month_of_nine_ninety_nine_is_five_dollars() -> None:
    """Floats make 499.49999999999994 of it, and 4.99."""
    assert divide(999 * 15, 30, Mode.HALF_UP) == 500


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_only_non_negative_quotients_are_rounded(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="cannot round"):
        divide(numerator, denominator, Mode.HALF_UP)
