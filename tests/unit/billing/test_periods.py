"""Rules for billing periods, stubs and trials."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.local_time import UnknownTimeZone, local_time, moment, time_zone
from billing.periods import LONGEST, Cycle, Interval, Schedule
from billing.starts import start_of, stub_price, trial_notice
from billing.units import Unit, cut, units_between
from tests.unit.billing.examples import (
    BERLIN,
    GREENWICH,
    HALF_UP,
    MONTH,
    NEW_YORK,
    WEEK,
    YEAR,
    at,
    utc,
)

ZONES = [
    time_zone(it)
    for it in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",  # the change of the clocks skips midnight
        "Africa/Cairo",  # so does this one
        "Asia/Kolkata",
        "Australia/Lord_Howe",  # the change is half an hour
        "Pacific/Kiritimati",
    )
]
ANCHORS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31))  # noqa: DTZ001  # local times
CYCLES = st.sampled_from(Interval).flatmap(
    lambda it: st.builds(Cycle, st.just(it), st.integers(1, min(12, LONGEST[it])))
)
SCHEDULES = st.builds(Schedule, ANCHORS, st.sampled_from(ZONES), CYCLES)


@given(SCHEDULES, st.integers(-20, 120))
def test_periods_have_no_gap_and_no_overlap(periods: Schedule, index: int) -> None:
    before, it = periods.period(index), periods.period(index + 1)
    assert before.start < before.end == it.start < it.end


@given(SCHEDULES, st.integers(-20, 120), st.floats(0, 1, exclude_max=True))
def test_each_moment_is_in_exactly_one_period(periods: Schedule, number: int, part: float) -> None:
    period = periods.period(number)
    at_begin, last = period.start, period.end - timedelta(microseconds=1)
    within = min(last, at_begin + (period.end - at_begin) * part)
    assert [periods.period_at(it).number for it in (at_begin, within, last)] == [number] * 3


@given(SCHEDULES, st.integers(0, 120))
def test_a_month_that_is_too_short_moves_no_later_boundary(periods: Schedule, index: int) -> None:
    if periods.cycle.interval in {Interval.MONTH, Interval.YEAR}:
        first, local = periods.anchor, local_time(periods.boundary(index), periods.zone)
        days = (date(local.year + local.month // 12, local.month % 12 + 1, 1) - timedelta(days=1)).day
        skipped = local.time() != first.time()  # by a change of the clocks
        assert skipped or local.day == min(first.day, days)


def test_an_anchor_day_holds_after_a_first_month_that_is_too_short() -> None:
    start = start_of(at("2026-02-10"), Unit.DAY, GREENWICH, MONTH, anchor_day=31)
    assert [utc(start.schedule.boundary(it))[:10] for it in (-1, 0, 1, 2)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]


@pytest.mark.parametrize(
    ("begin", "anchor"),
    [("2026-02-01", "2026-02-01"), ("2026-02-01T00:00:01", "2026-03-01"), ("2026-12-02", "2027-01-01")],
)
def test_the_anchor_is_the_first_midnight_of_its_day_at_or_after_the_start(begin: str, anchor: str) -> None:
    start = start_of(at(begin), Unit.SECOND, GREENWICH, MONTH, anchor_day=1)
    assert utc(start.schedule.boundary(0))[:10] == anchor
    assert (start.stub is None) == (begin == anchor)


def test_the_stub_of_a_year_is_compared_with_the_whole_year() -> None:
    start = start_of(at("2026-02-20"), Unit.DAY, GREENWICH, YEAR, anchor_day=1)
    assert start.stub is not None
    assert stub_price(36500, start.stub, start.schedule, Unit.DAY, HALF_UP) == 900


@pytest.mark.parametrize(("cycle", "day"), [(WEEK, 1), (MONTH, 0), (MONTH, 32)])
def test_days_and_weeks_have_no_day_of_the_month(cycle: Cycle, day: int) -> None:
    with pytest.raises(ValueError, match="have no day"):
        start_of(at("2026-02-20"), Unit.DAY, GREENWICH, cycle, anchor_day=day)


@pytest.mark.parametrize("interval", Interval)
def test_a_period_is_as_long_as_a_plan_may_have_it(interval: Interval) -> None:
    Cycle(interval, LONGEST[interval])
    for count in (0, LONGEST[interval] + 1):
        with pytest.raises(ValueError, match="a period has 1 to"):
            Cycle(interval, count)


def test_numbers_go_on_when_the_anchor_moves() -> None:
    moved = start_of(at("2026-06-16"), Unit.SECOND, GREENWICH, MONTH, number=7).schedule
    assert (moved.period(7).start, moved.period_at(at("2026-07-20")).number) == (at("2026-06-16"), 8)


def test_units_are_cut_down() -> None:
    when = at("2026-06-10T08:15:37.9")
    assert cut(when, Unit.SECOND, GREENWICH) == at("2026-06-10T08:15:37")
    assert cut(when, Unit.MINUTE, GREENWICH) == at("2026-06-10T08:15")
    assert cut(when, Unit.DAY, NEW_YORK) == at("2026-06-10", NEW_YORK)


def test_a_local_day_counts_once_whatever_its_hours_are() -> None:
    spring = at("2026-03-29", BERLIN), at("2026-03-30", BERLIN)
    assert units_between(*spring, Unit.DAY, BERLIN) == 1
    assert units_between(*spring, Unit.MINUTE, BERLIN) == 23 * 60


@given(ANCHORS, st.sampled_from(ZONES))
def test_a_local_time_names_a_moment_that_shows_it_unless_it_is_skipped(
    local: datetime, zone: object
) -> None:
    zone_ = next(it for it in ZONES if it is zone)
    shown = local_time(moment(local, zone_), zone_)
    assert timedelta() <= shown - local <= timedelta(hours=1)
    assert moment(local, zone_).tzinfo is UTC


def test_the_notice_of_a_short_trial_comes_at_once() -> None:
    start, end = at("2026-06-01"), at("2026-06-03")
    assert trial_notice(start, end, GREENWICH) == start
    assert trial_notice(start, at("2026-06-15"), GREENWICH) == at("2026-06-12")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "/etc/passwd", "../UTC", "Europe/Berlin\0"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        time_zone(name)


def test_midnight_that_is_skipped_is_the_first_hour() -> None:
    santiago = time_zone("America/Santiago")
    begin = cut(datetime.combine(date(2026, 9, 6), time(15), santiago), Unit.DAY, santiago)
    assert local_time(begin, santiago).time() == time(1)
