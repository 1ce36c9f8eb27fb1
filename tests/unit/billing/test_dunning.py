"""Rules for what follows a refused renewal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.dunning import SOFT_REFUSALS, Dunning, calendar_of, next_attempt
from tests.unit.billing.examples import GREENWICH, at

DUE = at("2026-06-01T12:00")
MONTH_LATER = at("2026-07-01T12:00")
FIRST, SECOND = at("2026-06-02T12:00"), at("2026-06-04T12:00")


@given(
    st.sets(st.integers(1, 60), max_size=8),
    st.integers(1, 60),
    st.integers(0, 30),
    st.integers(1, 90),
)
def test_nothing_but_the_end_comes_at_or_after_the_next_boundary(
    retries: set[int], suspended: int, longer: int, period: int
) -> None:
    dunning = Dunning(tuple(sorted(retries)), suspended, min(60, suspended + longer))
    boundary = DUE + timedelta(days=period)
    calendar = calendar_of(dunning, DUE, boundary, GREENWICH)
    assert DUE < calendar.ends_at <= boundary
    assert all(DUE < it < calendar.ends_at for it in calendar.retries)
    assert calendar.suspends_at is None or calendar.suspends_at <= calendar.ends_at


def test_a_soft_refusal_waits_for_the_next_retry() -> None:
    calendar = calendar_of(Dunning(), DUE, MONTH_LATER, GREENWICH)
    assert next_attempt(calendar, DUE, 1, "INSUFFICIENT_FUNDS") == FIRST
    assert next_attempt(calendar, FIRST, 2, "PAYMENT_DECLINED") == SECOND
    assert next_attempt(calendar, at("2026-06-08T12:00"), 5, "PAYMENT_DECLINED") is None


@pytest.mark.parametrize("code", ["CARD_EXPIRED", "CARD_REVOKED", "ACTION_REQUIRED"])
def test_after_another_refusal_the_customer_has_to_act(code: str) -> None:
    calendar = calendar_of(Dunning(), DUE, MONTH_LATER, GREENWICH)
    assert code not in SOFT_REFUSALS
    assert next_attempt(calendar, DUE, 1, code) is None


def test_an_invoice_is_tried_eight_times_at_most() -> None:
    calendar = calendar_of(Dunning(), DUE, MONTH_LATER, GREENWICH)
    assert next_attempt(calendar, DUE, 7, "PAYMENT_DECLINED") is not None
    assert next_attempt(calendar, DUE, 8, "PAYMENT_DECLINED") is None


@pytest.mark.parametrize(
    ("retries", "suspended", "end"),
    [
        ((3, 1), 7, 14),
        ((1, 1), 7, 14),
        (tuple(range(1, 10)), 7, 14),
        ((0,), 7, 14),
        ((1,), 15, 14),
        ((1,), 7, 61),
    ],
)
def test_days_that_a_plan_may_not_have_are_refused(
    retries: tuple[int, ...], suspended: int, end: int
) -> None:
    with pytest.raises(ValueError, match=r"retries|suspended"):
        Dunning(retries, suspended, end)
