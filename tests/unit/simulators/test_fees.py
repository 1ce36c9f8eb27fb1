"""What the simulated gateway keeps of a capture, and gives back with its refunds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulators.gateway.fees import Fees, part_of, returned_with

AMOUNTS = st.integers(1, 10**12)
POINTS = st.integers(0, 10_000)


@given(AMOUNTS)
def test_without_settings_nothing_is_kept(amount: int) -> None:
    assert Fees().of_capture(amount) == 0


@given(AMOUNTS, POINTS, st.integers(0, 10**6))
def test_a_fee_is_the_rounded_part_and_the_fixed_sum(amount: int, points: int, fixed: int) -> None:
    fee = Fees(points, fixed).of_capture(amount)
    assert abs((fee - fixed) * 10_000 - amount * points) * 2 <= 10_000
    assert fixed <= fee <= amount + fixed


def test_half_a_minor_unit_is_rounded_up() -> None:
    assert [part_of(amount, 100) for amount in (49, 50, 149, 150)] == [0, 1, 1, 2]


@given(st.lists(AMOUNTS, min_size=1, max_size=8), POINTS)
def test_all_refunds_together_give_back_what_the_whole_would(refunds: list[int], points: int) -> None:
    returned, before = 0, 0
    for refund in refunds:
        back = returned_with(refund, before, points)
        assert back >= 0
        returned, before = returned + back, before + refund
    assert returned == part_of(sum(refunds), points)
