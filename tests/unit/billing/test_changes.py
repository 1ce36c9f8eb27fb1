"""Rules for credits, charges and changes. Amounts are minor units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.changes import (
    Direction,
    ProrationNeeded,
    Terms,
    change_of_plan,
    credit_rest,
    direction_of,
)
from billing.invoices.credit_balance import apply_credit, refundable
from billing.periods import Cycle, Interval, Period
from billing.proration import Segment, charge_for_rest
from billing.units import Unit
from pricing.rounding import Mode
from tests.unit.billing.examples import BERLIN, HALF_UP, MONTH, YEAR, at, paid, schedule

JUNE = Period(1, at("2026-06-01"), at("2026-07-01"))
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30)).map(  # noqa: DTZ001  # a local time
    lambda it: it.replace(tzinfo=BERLIN)
)
"""With a change of the clocks among them."""


@given(
    st.integers(0, 10**12),
    st.lists(MOMENTS, min_size=3, max_size=6),
    st.sampled_from(Unit),
    st.sampled_from(Mode),
)
def test_used_and_unused_time_make_what_was_paid_however_often_it_is_cut(
    amount: int, moments: list[datetime], unit: Unit, mode: Mode
) -> None:
    start, *cuts, end = sorted(moments)
    segment, given_back = Segment("plan", start, end, amount, unit, BERLIN), 0
    for when in reversed(cuts):
        share = segment.unused(when, mode)
        segment = segment.until(when, share)
        assert share.amount >= 0 and segment.paid >= 0
        given_back += share.amount
    assert segment.paid + given_back == amount


@given(MOMENTS, MOMENTS, st.integers(0, 10**9), st.sampled_from(Unit))
def test_a_later_change_is_credited_and_charged_no_more(
    first: datetime, second: datetime, amount: int, unit: Unit
) -> None:
    first, second = sorted((first, second))
    period = schedule("2026-03-01", zone=BERLIN).period(1)
    segment = paid(period, amount, unit, BERLIN)
    assert segment.unused(first, HALF_UP).amount >= segment.unused(second, HALF_UP).amount
    charges = [charge_for_rest(amount, it, period, unit, BERLIN, HALF_UP) for it in (first, second)]
    assert charges[0].amount >= charges[1].amount


def test_before_its_begin_a_segment_is_unused_and_after_its_end_it_is_used() -> None:
    segment = paid(JUNE, 999, Unit.DAY)
    assert segment.unused(at("2026-05-01"), HALF_UP).amount == 999
    assert segment.unused(at("2026-07-01"), HALF_UP).amount == 0
    assert segment.unused(at("2026-08-01"), HALF_UP).amount == 0


def test_a_segment_within_one_day_leaves_nothing_where_days_count() -> None:
    period = Period(1, at("2026-06-01T00:00"), at("2026-06-01T10:00"))
    assert paid(period, 500, Unit.DAY).unused(at("2026-06-01T05:00"), HALF_UP).amount == 0


def test_a_credit_is_at_most_what_was_paid() -> None:
    with pytest.raises(ValueError, match="cannot be credited"):
        paid(JUNE, 500, Unit.DAY).less(501)


def test_a_pending_charge_is_lowered_and_gives_nothing_back() -> None:
    pending = replace(paid(Period(1, at("2026-06-11"), JUNE.end), 4000, Unit.DAY), is_pending=True)
    change = change_of_plan(
        [pending], Terms(3000, MONTH, Unit.DAY), schedule("2026-06-01"), at("2026-06-21"), HALF_UP
    )
    assert (change.withdrawn, change.credit) == (2000, 0)
    assert change.credits[0].rest.paid == 2000


def test_without_proration_the_new_price_waits_for_the_renewal() -> None:
    monthly = schedule("2026-06-01")
    change = change_of_plan(
        [paid(JUNE, 3000, Unit.DAY)],
        Terms(6000, MONTH, Unit.DAY),
        monthly,
        at("2026-06-11"),
        HALF_UP,
        prorated=False,
    )
    assert (change.credits, change.charge, change.schedule) == ((), None, monthly)


def test_another_interval_needs_proration() -> None:
    with pytest.raises(ProrationNeeded):
        change_of_plan(
            [],
            Terms(10000, YEAR, Unit.DAY),
            schedule("2026-06-01"),
            at("2026-06-11"),
            HALF_UP,
            prorated=False,
        )


def test_each_plan_counts_in_its_own_unit() -> None:
    """The day of the change is charged whole by the new plan, and credited by the second by the old one."""
    monthly = schedule("2026-06-01")
    change = change_of_plan(
        [paid(JUNE, 3000, Unit.SECOND)],
        Terms(6000, MONTH, Unit.DAY),
        monthly,
        at("2026-06-16T12:00"),
        HALF_UP,
    )
    assert change.charge is not None
    assert (change.credit, change.charge.amount) == (1450, 3000)


def test_an_add_on_is_credited_beside_its_plan() -> None:
    segments = [paid(JUNE, 3000, Unit.DAY), replace(paid(JUNE, 1500, Unit.DAY), line_id="seats")]
    credits_ = credit_rest(segments, at("2026-06-21"), HALF_UP)
    assert {it.segment.line_id: it.share.amount for it in credits_} == {"plan": 1000, "seats": 500}


@pytest.mark.parametrize(
    ("price", "cycle", "direction"),
    [
        (1000, MONTH, Direction.UPGRADE),
        (999, MONTH, Direction.DOWNGRADE),
        (12000, YEAR, Direction.UPGRADE),
        (11999, YEAR, Direction.DOWNGRADE),
        (231, Cycle(Interval.WEEK), Direction.UPGRADE),
        (230, Cycle(Interval.WEEK), Direction.DOWNGRADE),
        (33, Cycle(Interval.DAY), Direction.UPGRADE),
        (3000, Cycle(Interval.MONTH, 3), Direction.UPGRADE),
        (2999, Cycle(Interval.MONTH, 3), Direction.DOWNGRADE),
    ],
)
def test_the_price_of_a_year_decides_the_direction(price: int, cycle: Cycle, direction: Direction) -> None:
    before = Terms(1000, MONTH, Unit.DAY)
    assert direction_of(before, Terms(price, cycle, Unit.DAY)) is direction


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_credit_and_money_pay_the_total(total: int, balance: int) -> None:
    settled = apply_credit(total, balance)
    assert settled.applied + settled.due == total
    assert settled.applied + settled.balance == balance
    assert 0 in {settled.due, settled.balance}


def test_a_negative_balance_pays_nothing() -> None:
    with pytest.raises(ValueError, match="cannot pay"):
        apply_credit(100, -1)


def test_what_credit_has_paid_is_not_paid_out() -> None:
    assert refundable(1320, 1000) == 1000


def test_a_change_at_a_boundary_is_of_the_new_period() -> None:
    monthly = schedule("2026-06-01")
    change = change_of_plan([], Terms(6000, MONTH, Unit.SECOND), monthly, at("2026-07-01"), HALF_UP)
    assert change.charge is not None
    assert (change.period.number, change.charge.amount) == (2, 6000)
    before = at("2026-07-01") - timedelta(seconds=1)
    assert change_of_plan([], Terms(6000, MONTH, Unit.SECOND), monthly, before, HALF_UP).period.number == 1
