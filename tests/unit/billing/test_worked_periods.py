"""The worked examples of periods, stubs, trials and dunning, by their numbers."""

from __future__ import annotations

from billing.dunning import Dunning, calendar_of
from billing.local_time import local_time
from billing.periods import Cycle, Interval, Period, Schedule
from billing.starts import extended_trial, start_of, stub_price, trial_end
from billing.units import Unit, units_between
from tests.unit.billing.examples import (
    BERLIN,
    DAY,
    GREENWICH,
    HALF_UP,
    MONTH,
    NEW_YORK,
    WEEK,
    YEAR,
    at,
    dates,
    schedule,
    utc,
)


def months(count: int) -> Cycle:
    return Cycle(Interval.MONTH, count)


def test_p1_months_from_31_january() -> None:
    assert dates(schedule("2026-01-31"), 6) == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
    ]


def test_p2_months_from_31_january_of_a_leap_year() -> None:
    assert dates(schedule("2028-01-31"), 4) == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_p3_years_from_29_february() -> None:
    assert dates(schedule("2028-02-29", YEAR), 5) == [
        "2028-02-29",
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]


def test_p4_quarters_from_31_august() -> None:
    assert dates(schedule("2026-08-31", months(3)), 5) == [
        "2026-08-31",
        "2026-11-30",
        "2027-02-28",
        "2027-05-31",
        "2027-08-31",
    ]


def test_p5_half_years_from_31_august() -> None:
    assert dates(schedule("2026-08-31", months(6)), 3) == ["2026-08-31", "2027-02-28", "2027-08-31"]


def test_p6_a_skipped_local_time_is_read_with_the_offset_before_it() -> None:
    assert utc(schedule("2026-02-08T02:30", zone=NEW_YORK).boundary(1)) == "2026-03-08T07:30:00Z"


def test_p7_of_a_local_time_that_occurs_twice_the_first_counts() -> None:
    assert utc(schedule("2026-10-01T01:30", zone=NEW_YORK).boundary(1)) == "2026-11-01T05:30:00Z"


def test_p8_a_week_with_a_change_of_the_clocks_is_an_hour_shorter() -> None:
    weeks = schedule("2026-03-25T09:00", WEEK, BERLIN)
    first, second = weeks.boundary(0), weeks.boundary(1)
    assert (utc(first), utc(second)) == ("2026-03-25T08:00:00Z", "2026-04-01T07:00:00Z")
    assert units_between(first, second, Unit.SECOND, BERLIN) == 601_200


def test_p9_a_stub_is_a_share_of_the_whole_natural_period() -> None:
    start = start_of(at("2026-02-20"), Unit.DAY, GREENWICH, MONTH, anchor_day=1)
    assert start.stub is not None
    assert (start.stub.number, utc(start.stub.end)) == (0, "2026-03-01T00:00:00Z")
    assert units_between(start.stub.start, start.stub.end, Unit.DAY, GREENWICH) == 9
    assert stub_price(3000, start.stub, start.schedule, Unit.DAY, HALF_UP) == 964


def test_p10_a_stub_of_a_quarter() -> None:
    quarters = schedule("2024-07-01", months(3))
    stub = Period(0, at("2024-05-20"), quarters.boundary(0))
    assert units_between(stub.start, stub.end, Unit.DAY, GREENWICH) == 42
    assert stub_price(9100, stub, quarters, Unit.DAY, HALF_UP) == 4200


def test_t1_a_trial_in_seconds() -> None:
    assert utc(trial_end(at("2026-03-10T15:30"), 14, Unit.SECOND, GREENWICH)) == "2026-03-24T15:30:00Z"


def test_t2_a_trial_in_days_of_new_york() -> None:
    assert utc(trial_end(at("2026-03-10T15:30"), 14, Unit.DAY, NEW_YORK)) == "2026-03-24T04:00:00Z"


def test_t3_a_trial_across_a_change_of_the_clocks() -> None:
    assert utc(trial_end(at("2026-03-25T23:30"), 7, Unit.DAY, BERLIN)) == "2026-04-01T22:00:00Z"


def test_t4_periods_are_counted_from_the_end_of_the_trial() -> None:
    end = trial_end(at("2026-01-17T10:00"), 14, Unit.SECOND, GREENWICH)
    assert utc(end) == "2026-01-31T10:00:00Z"
    renewals = start_of(end, Unit.SECOND, GREENWICH, MONTH).schedule
    assert [utc(renewals.boundary(it)) for it in (1, 2)] == ["2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"]


def test_t5_an_extension_moves_the_anchor() -> None:
    end = extended_trial(at("2026-01-31T10:00"), 11, GREENWICH)
    assert utc(end) == "2026-02-11T10:00:00Z"
    assert utc(start_of(end, Unit.SECOND, GREENWICH, MONTH).schedule.boundary(1)) == "2026-03-11T10:00:00Z"


def after_refusal(renewals: Schedule, due: str) -> tuple[list[str], str | None, str]:
    """The local dates of the retries and of the suspension, and the end in UTC."""
    moment, zone = at(due, renewals.zone), renewals.zone
    calendar = calendar_of(Dunning(), moment, renewals.period_at(moment).end, zone)
    happens = [*calendar.retries, *filter(None, [calendar.suspends_at])]
    assert {local_time(it, zone).time() for it in happens} <= {local_time(moment, zone).time()}
    shown = [f"{local_time(it, zone):%m-%d}" for it in happens]
    count = len(calendar.retries)
    return shown[:count], shown[count] if shown[count:] else None, utc(calendar.ends_at)


def test_d1_retries_keep_the_local_time_of_day() -> None:
    monthly = schedule("2026-02-20T09:00", zone=BERLIN)
    assert after_refusal(monthly, "2026-03-20T09:00") == (
        ["03-21", "03-23", "03-25", "03-27"],
        "03-27",
        "2026-04-03T07:00:00Z",
    )


def test_d2_what_lies_at_the_next_boundary_falls_away() -> None:
    weekly = schedule("2026-06-01T12:00", WEEK)
    found = after_refusal(weekly, "2026-06-01T12:00")
    assert found == (["06-02", "06-04", "06-06"], None, "2026-06-08T12:00:00Z")


def test_d3_a_daily_subscription_ends_with_the_next_day() -> None:
    daily = schedule("2026-06-01T12:00", DAY)
    assert after_refusal(daily, "2026-06-01T12:00") == ([], None, "2026-06-02T12:00:00Z")


def test_d4_an_anchor_at_the_end_of_a_month() -> None:
    monthly = schedule("2026-01-31")
    assert after_refusal(monthly, "2026-02-28") == (
        ["03-01", "03-03", "03-05", "03-07"],
        "03-07",
        "2026-03-14T00:00:00Z",
    )
    assert utc(monthly.boundary(2)) == "2026-03-31T00:00:00Z"
