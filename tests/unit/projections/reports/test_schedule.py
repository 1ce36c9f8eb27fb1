"""When reports are due: once a day of their schedule, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.reports.schedule import Schedule

ZONES = ("UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
SCHEDULES = st.builds(
    lambda every, weekday, month_day, hour, zone: Schedule(
        every,
        weekday if every == "weekly" else None,
        month_day if every == "monthly" else None,
        hour,
        zone,
    ),
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.integers(1, 7),
    st.integers(1, 31),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
MOMENTS = st.integers(946_684_800, 4_102_444_800).map(lambda it: datetime.fromtimestamp(it, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        (Schedule("daily", None, None, 8, "Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T06:00"),
        (Schedule("daily", None, None, 8, "Europe/Berlin"), "2026-03-28T06:00", "2026-03-28T07:00"),
        (Schedule("daily", None, None, 2, "Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T01:00"),
        (Schedule("daily", None, None, 2, "Europe/Berlin"), "2026-10-24T12:00", "2026-10-25T00:00"),
        (Schedule("daily", None, None, 2, "Europe/Berlin"), "2026-10-25T00:00", "2026-10-26T01:00"),
        (Schedule("weekly", 1, None, 0, "Asia/Tokyo"), "2026-03-02T00:00", "2026-03-08T15:00"),
        (Schedule("monthly", None, 31, 8, "UTC"), "2026-02-01T00:00", "2026-02-28T08:00"),
        (Schedule("monthly", None, 31, 8, "UTC"), "2026-02-28T08:00", "2026-03-31T08:00"),
    ],
    ids=[
        "the hour is an hour earlier in UTC in summer",
        "and later in winter",
        "an hour that is left out is the one behind it",
        "an hour that comes twice counts the first time",
        "and not again",
        "the day is that of the zone",
        "a shorter month has its last day",
        "and a longer one the day itself",
    ],
)
def test_a_report_is_due_at_the_hour_of_its_zone(schedule: Schedule, after: str, due: str) -> None:
    assert schedule.next_after(at(after)).moment == at(due)


@given(SCHEDULES, MOMENTS)
def test_the_next_time_is_the_last_one_when_it_has_come_and_has_another_day(
    schedule: Schedule, moment: datetime
) -> None:
    last, following = schedule.last_until(moment), schedule.next_after(moment)
    assert last.moment <= moment < following.moment
    assert last.period < following.period
    assert schedule.last_until(following.moment) == following
    assert schedule.last_until(following.moment - timedelta(microseconds=1)) == last
