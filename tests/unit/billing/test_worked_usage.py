"""The worked examples of usage, by their numbers. Amounts are minor units."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from billing.proration import Share
from billing.usage.events import Aggregation, UsageEvent, aggregate, quantity_of
from billing.usage.rating import MeterPrice, Model, Tier, included_for, late_amount, rate
from tests.unit.billing.examples import HALF_UP, at

NOON = at("2026-06-01T12:00")
TIERS = (Tier(10_000, Fraction("0.5")), Tier(None, Fraction("0.2")))
GRADUATED, VOLUME = MeterPrice(Model.GRADUATED, TIERS), MeterPrice(Model.VOLUME, TIERS)


def event(event_id: str, quantity: int = 0, minute: int = 0, value: str = "") -> UsageEvent:
    return UsageEvent(event_id, NOON + timedelta(minutes=minute), Fraction(quantity), value)


def amount(used: int | str, price: MeterPrice, included: int = 0) -> int:
    return rate(quantity_of(used), included, price, HALF_UP).amount


def test_u1_a_repeated_report_counts_once() -> None:
    reports = [event("a", 5), event("b", 7), event("a", 5), event("c", 3)]
    assert aggregate(Aggregation.SUM, reports) == 15


def test_u2_the_aggregates_do_not_depend_on_the_order_of_arrival() -> None:
    reports = [event("a", 8, 1), event("c", 5, 3), event("b", 12, 2)]
    assert aggregate(Aggregation.MAX, reports) == 12
    assert aggregate(Aggregation.LAST, reports) == 5
    users = [event("a", value="u1"), event("b", value="u2"), event("c", value="u1")]
    assert aggregate(Aggregation.UNIQUE, users) == 2


def test_u3_of_one_moment_the_id_that_sorts_last_counts() -> None:
    assert aggregate(Aggregation.LAST, [event("e2", 9), event("e1", 4)]) == 9


def test_u4_tiers_one_after_the_other_and_by_volume() -> None:
    assert amount(12_500, GRADUATED) == 5500
    assert amount(12_500, VOLUME) == 2500


def test_u5_a_begun_package_counts() -> None:
    assert amount(2_001, MeterPrice(Model.PACKAGE, size=1_000, amount=150)) == 450


def test_u6_the_exact_sum_is_rounded_once() -> None:
    by_unit = MeterPrice(Model.PER_UNIT, (Tier(None, Fraction("1.5")),))
    assert amount("1333.25", by_unit, included=1_000) == 500


def test_u7_late_usage_is_the_difference_of_two_ratings() -> None:
    billed = amount(9_800, GRADUATED)
    assert billed == 4900
    assert late_amount(amount(10_400, GRADUATED), billed) == 180


def test_u8_each_part_of_a_period_has_its_share_of_the_included_units() -> None:
    assert included_for(1_000, Share(0, 10, 30)) == 333
    assert included_for(2_500, Share(0, 20, 30)) == 1_666
