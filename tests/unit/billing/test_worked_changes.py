"""The worked examples of changes, pauses and ends, by their numbers. Amounts are minor units."""

from __future__ import annotations

import pytest

from billing.changes import Change, Terms, change_of_plan, charge_for_add_on, credit_rest, credited
from billing.invoices.credit_balance import Settlement, apply_credit, refundable
from billing.invoices.credit_notes import Creditable
from billing.invoices.invoice import Item, LineKind, invoice_of
from billing.periods import Cycle, Interval, Period
from billing.proration import Segment, charge_for_rest
from billing.recurring import monthly_revenue
from billing.starts import start_of
from billing.units import Unit
from pricing.rounding import Rounding
from pricing.tax import TaxRate, rate_from_percent
from tests.unit.billing.examples import (
    BERLIN,
    GREENWICH,
    HALF_UP,
    MONTH,
    TOKYO,
    YEAR,
    at,
    changed,
    paid,
    schedule,
    utc,
)

SECOND_CHANGE = at("2026-06-21")


def amounts(change: Change) -> tuple[int, int, int]:
    """Credit, charge, and what is due after the credit; below 0 it is the balance."""
    assert change.charge is not None
    settled = apply_credit(change.charge.amount, change.credit)
    return change.credit, change.charge.amount, settled.due - settled.balance


def units(change: Change) -> tuple[int, int]:
    share = change.credits[0].share
    return share.units, share.of


def test_c1_half_of_june() -> None:
    change = changed("2026-06-01", 3000, 6000, "2026-06-16")
    assert units(change) == (1_296_000, 2_592_000)
    assert amounts(change) == (1500, 3000, 1500)


@pytest.mark.parametrize(
    ("unit", "left", "of", "expected"),
    [
        pytest.param(Unit.SECOND, 1_784_663, 2_592_000, (2065, 3442, 1377), id="c2"),
        pytest.param(Unit.MINUTE, 29_745, 43_200, (2065, 3442, 1377), id="c3"),
        pytest.param(Unit.DAY, 21, 30, (2099, 3499, 1400), id="c4"),
    ],
)
def test_c2_to_c4_one_change_in_each_unit(
    unit: Unit, left: int, of: int, expected: tuple[int, int, int]
) -> None:
    change = changed("2026-06-01", 2999, 4999, "2026-06-10T08:15:37.900", unit)
    assert units(change) == (left, of)
    assert amounts(change) == expected


def test_c5_what_was_used_is_what_the_credit_leaves() -> None:
    segment = paid(Period(1, at("2026-06-01"), at("2026-07-01")), 999, Unit.DAY)
    (credit,) = credit_rest([segment], at("2026-06-16"), HALF_UP)
    assert (credit.share.amount, credit.rest.paid) == (500, 499)


def test_c6_up_and_back_in_one_period() -> None:
    first = changed("2026-06-01", 3000, 6000, "2026-06-11", Unit.DAY)
    assert amounts(first) == (2000, 4000, 2000)
    running = Segment("plan", at("2026-06-11"), first.period.end, 4000, Unit.DAY, GREENWICH)
    back = Terms(3000, MONTH, Unit.DAY)
    second = change_of_plan([running], back, first.schedule, SECOND_CHANGE, HALF_UP)
    assert amounts(second) == (2000, 1000, -1000)


def test_c7_a_credit_is_of_what_was_paid_after_the_discount() -> None:
    change = changed("2026-06-01", 2400, 6000, "2026-06-11", Unit.DAY)
    assert amounts(change) == (1600, 4000, 2400)


def test_c8_a_credit_is_of_what_earlier_credits_have_left() -> None:
    monthly = schedule("2026-06-01")
    segment = paid(monthly.period(1), 2400, Unit.DAY).less(500)
    change = change_of_plan([segment], Terms(6000, MONTH, Unit.DAY), monthly, at("2026-06-11"), HALF_UP)
    assert amounts(change) == (1267, 4000, 2733)


def test_c9_from_a_month_to_a_year() -> None:
    change = changed("2026-06-01", 1000, 10000, "2026-06-16T12:00", cycles=(MONTH, YEAR))
    assert units(change)[0] == 1_252_800
    assert amounts(change) == (483, 10000, 9517)
    assert utc(change.period.end) == "2027-06-16T12:00:00Z"
    assert (change.period.number, change.is_billed_now) == (2, True)


def test_c10_from_a_year_to_a_month_leaves_a_balance() -> None:
    change = changed("2026-01-01", 120000, 1000, "2026-07-02", Unit.DAY, cycles=(YEAR, MONTH))
    assert units(change) == (183, 365)
    assert amounts(change) == (60164, 1000, -59164)


def test_c11_yen_have_no_decimals() -> None:
    change = changed("2026-02-01", 980, 1980, "2026-02-10", Unit.DAY, zone=TOKYO)
    assert units(change) == (19, 28)
    assert amounts(change) == (665, 1344, 679)


def test_c12_dinars_have_three_decimals() -> None:
    change = changed("2026-05-01", 9900, 24900, "2026-05-12", Unit.DAY)
    assert units(change) == (20, 31)
    assert amounts(change) == (6387, 16065, 9678)


def test_c13_seats_are_added_for_the_rest_of_the_period() -> None:
    monthly = schedule("2026-03-31")
    share, coverage = charge_for_add_on(500, 3, at("2026-04-20"), monthly, 1, Unit.DAY, HALF_UP)
    assert (share.amount, share.units, share.of) == (500, 10, 30)
    assert utc(coverage.start) == "2026-03-31T00:00:00Z"


def test_c14_an_add_on_for_twelve_periods() -> None:
    monthly = schedule("2026-02-15")
    share, coverage = charge_for_add_on(12000, 1, at("2026-02-20"), monthly, 12, Unit.DAY, HALF_UP)
    assert (share.amount, share.units, share.of) == (11836, 360, 365)
    assert utc(coverage.end) == "2027-02-15T00:00:00Z"


def test_c15_a_change_of_the_clocks_counts_in_seconds_and_not_in_days() -> None:
    period = schedule("2026-03-15", zone=BERLIN).period(1)
    when = at("2026-03-31", BERLIN)
    seconds = charge_for_rest(3100, when, period, Unit.SECOND, BERLIN, HALF_UP)
    assert (seconds.units, seconds.of, seconds.amount) == (1_296_000, 2_674_800, 1502)
    days = charge_for_rest(3100, when, period, Unit.DAY, BERLIN, HALF_UP)
    assert (days.units, days.of, days.amount) == (15, 31, 1500)


def test_c16_a_pause_credits_and_resuming_begins_a_period() -> None:
    segment = paid(schedule("2026-06-01").period(1), 3000, Unit.DAY)
    balance = credited(credit_rest([segment], at("2026-06-20"), HALF_UP))
    assert balance == 1100
    resumed = start_of(at("2026-08-05"), Unit.DAY, GREENWICH, MONTH, number=2).schedule.period(2)
    assert utc(resumed.end) == "2026-09-05T00:00:00Z"
    assert apply_credit(3000, balance) == Settlement(applied=1100, due=1900, balance=0)


def test_c17_an_end_gives_the_rest_back_with_its_tax() -> None:
    vat = TaxRate("GB", rate_from_percent(20), "VAT")
    invoice = invoice_of([Item("plan", LineKind.PERIOD, 3000, vat)], Rounding())
    segment = paid(schedule("2026-06-01").period(1), 3000, Unit.DAY)
    rest = credited(credit_rest([segment], at("2026-06-20"), HALF_UP))
    note, _ = Creditable.of(invoice.lines[0]).credit(rest, HALF_UP)
    assert (note.net, note.tax, refundable(note.gross, invoice.totals.amount_due)) == (1100, 220, 1320)


def test_r1_revenue_of_a_month_is_rounded_once() -> None:
    assert monthly_revenue([(10000, YEAR)] * 3, HALF_UP) == 2500
    assert sum(monthly_revenue([it], HALF_UP) for it in [(10000, YEAR)] * 3) == 2499
    assert monthly_revenue([(700, Cycle(Interval.WEEK))], HALF_UP) == 3033
