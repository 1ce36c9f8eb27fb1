"""Rules for reports of usage, their aggregates and their prices."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.proration import Share
from billing.usage.events import (
    FURTHEST_AHEAD,
    KEPT_IDS,
    MOST,
    OLDEST,
    Aggregation,
    InvalidUsage,
    Refusal,
    UsageEvent,
    aggregate,
    quantity_of,
    refusal_of,
    value_of,
)
from billing.usage.rating import MeterPrice, Model, Tier, included_for, late_amount, rate
from pricing.rounding import Mode
from tests.unit.billing.examples import HALF_UP, at

NOW, STARTED = at("2026-06-01T12:00"), at("2026-01-01")
SECOND = timedelta(seconds=1)
AMOUNTS = st.fractions(0, 1000, max_denominator=1000)
EVENTS = st.lists(
    st.builds(
        UsageEvent,
        st.integers(1, 8).map(str),
        st.integers(0, 3).map(lambda it: NOW + it * SECOND),
        st.fractions(-50, 50, max_denominator=8),
        st.sampled_from(["u1", "u2", "u3"]),
    ),
    unique_by=lambda it: it.event_id,
)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, 10_000), max_size=5)))
    return tuple(Tier(end, draw(AMOUNTS)) for end in [*ends, None])


@given(EVENTS, st.sampled_from(Aggregation), st.randoms(use_true_random=False))
def test_repetitions_and_the_order_change_no_aggregate(
    events: list[UsageEvent], aggregation: Aggregation, random: Random
) -> None:
    shuffled = [*events, *events[: len(events) // 2]]
    random.shuffle(shuffled)
    assert aggregate(aggregation, shuffled) == aggregate(aggregation, events)


@given(EVENTS, st.sampled_from(Aggregation))
def test_no_aggregate_is_negative(events: list[UsageEvent], aggregation: Aggregation) -> None:
    assert aggregate(aggregation, events) >= 0


@pytest.mark.parametrize(
    ("reported", "quantity"),
    [
        (7, 7),
        ("7", 7),
        ("0.000001", Fraction(1, 10**6)),
        ("-2.5", Fraction(-5, 2)),
        (-MOST, -MOST),
        (str(MOST), MOST),
    ],
)
def test_a_quantity_is_a_whole_number_or_has_six_decimals(reported: int | str, quantity: Fraction) -> None:
    assert quantity_of(reported) == quantity


@pytest.mark.parametrize(
    "reported",
    [
        MOST + 1,
        str(MOST + 1),
        "1000000000000.1",
        "0.0000001",
        "1e3",
        "",
        "NaN",
        "1/2",
        " 1",
        "1\n",
        "٣",
        "+1",
        ".5",
        True,
    ],
)
def test_any_other_quantity_is_refused(reported: int | str) -> None:
    with pytest.raises(InvalidUsage):
        quantity_of(reported)


def test_a_value_has_at_most_200_characters() -> None:
    assert value_of("u" * 200) == "u" * 200
    for value in ("", "u" * 201):
        with pytest.raises(InvalidUsage):
            value_of(value)


def test_reports_of_the_last_weeks_are_accepted() -> None:
    for moment in (NOW, NOW - OLDEST, NOW + FURTHEST_AHEAD):
        assert refusal_of(moment, NOW, STARTED) is None
    assert refusal_of(NOW - OLDEST - SECOND, NOW, STARTED) is Refusal.TOO_OLD
    assert refusal_of(NOW + FURTHEST_AHEAD + SECOND, NOW, STARTED) is Refusal.IN_FUTURE
    assert refusal_of(NOW - 2 * SECOND, NOW, NOW - SECOND) is Refusal.TOO_OLD


def test_a_report_that_is_still_accepted_has_an_id_that_is_still_known() -> None:
    """Its first copy may have come when its moment was ahead, its last one when it was as old as allowed."""
    assert KEPT_IDS > OLDEST + FURTHEST_AHEAD


@given(tiers(), st.fractions(0, 20_000, max_denominator=100))
def test_tiers_price_each_unit_once(steps: tuple[Tier, ...], billable: Fraction) -> None:
    flat = tuple(Tier(it.up_to, Fraction(1)) for it in steps)
    assert MeterPrice(Model.GRADUATED, flat).exact(billable) == billable
    assert MeterPrice(Model.VOLUME, flat).exact(billable) == billable
    costs = [it.unit_amount for it in steps]
    exact = MeterPrice(Model.GRADUATED, steps).exact(billable)
    assert min(costs) * billable <= exact <= max(costs) * billable


@pytest.mark.parametrize(("used", "amount"), [(10_000, 5000), (10_001, 2000)])
def test_the_last_unit_of_a_tier_is_in_it(used: int, amount: int) -> None:
    volume = MeterPrice(Model.VOLUME, (Tier(10_000, Fraction("0.5")), Tier(None, Fraction("0.2"))))
    assert rate(Fraction(used), 0, volume, HALF_UP).amount == amount


@pytest.mark.parametrize(("used", "packages"), [("0", 0), ("0.000001", 1), ("1000", 1), ("1000.5", 2)])
def test_a_begun_package_counts_and_none_without_usage(used: str, packages: int) -> None:
    price = MeterPrice(Model.PACKAGE, size=1000, amount=150)
    assert rate(quantity_of(used), 0, price, HALF_UP).amount == packages * 150


def test_what_is_included_is_not_charged() -> None:
    price = MeterPrice(Model.PER_UNIT, (Tier(None, Fraction(2)),))
    assert rate(Fraction(999), 1000, price, HALF_UP).amount == 0
    rated = rate(Fraction(1001), 1000, price, HALF_UP)
    assert (rated.billable, rated.amount) == (Fraction(1), 2)


def test_a_late_correction_is_below_zero() -> None:
    assert late_amount(4800, 4900) == -100


@given(st.integers(0, 10**12), st.integers(1, 10**7), st.data())
def test_parts_of_a_period_include_no_more_than_the_whole(
    included: int, of: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(0, of))
    parts = [included_for(included, Share(0, it, of)) for it in (old, of - old)]
    assert included - 1 <= sum(parts) <= included


@pytest.mark.parametrize(
    "broken",
    [
        (),
        (Tier(10, Fraction(1)),),
        (Tier(None, Fraction(1)), Tier(None, Fraction(1))),
        (Tier(10, Fraction(1)), Tier(10, Fraction(1)), Tier(None, Fraction(1))),
        (Tier(10, Fraction(1)), Tier(5, Fraction(1)), Tier(None, Fraction(1))),
        (Tier(0, Fraction(1)), Tier(None, Fraction(1))),
        (Tier(None, Fraction(-1)),),
        (*(Tier(it, Fraction(1)) for it in range(1, 21)), Tier(None, Fraction(1))),
    ],
)
def test_tiers_that_leave_out_a_unit_or_price_it_twice_are_refused(broken: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match="tiers"):
        MeterPrice(Model.GRADUATED, broken)


def test_a_price_by_the_unit_has_one_tier_and_a_package_has_units() -> None:
    with pytest.raises(ValueError, match="1 to 1 tiers"):
        MeterPrice(Model.PER_UNIT, (Tier(10, Fraction(1)), Tier(None, Fraction(1))))
    with pytest.raises(ValueError, match="package"):
        MeterPrice(Model.PACKAGE, size=0, amount=1)


def test_half_even_rounds_a_half_to_the_even_number() -> None:
    price = MeterPrice(Model.PER_UNIT, (Tier(None, Fraction("0.5")),))
    assert [rate(Fraction(it), 0, price, Mode.HALF_EVEN).amount for it in (1, 3)] == [0, 2]
