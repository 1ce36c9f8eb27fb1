"""The days that a range of dates or times includes."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.http.problems import Problem
from projections.models.ranges import Range


def test_a_date_means_its_whole_day() -> None:
    days = Range("2026-01-30", "2026-01-31")
    assert (days.first, days.end) == (date(2026, 1, 30), date(2026, 2, 1))


def test_a_range_that_ends_at_midnight_excludes_the_day_that_begins_then() -> None:
    assert Range("2026-01-30T00:00:00Z", "2026-01-31T00:00:00Z").end == date(2026, 1, 31)


def test_every_day_that_the_range_touches_is_included() -> None:
    days = Range("2026-01-29T18:00:00-08:00", "2026-01-31T00:00:00.000001Z")
    assert (days.first, days.end) == (date(2026, 1, 30), date(2026, 2, 1))


def test_a_range_without_limits_includes_all_days() -> None:
    assert (Range(None, None).first, Range(None, None).end) == (date.min, date.max)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-W01-1", "2026-01-31T12:00:00", ""])
def test_a_text_that_is_neither_a_date_nor_an_rfc_3339_time_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        Range(text, None)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-02-01", "2026-01-31"),  # one day
        ("2026-02-01", "2026-01-30"),
        ("2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"),  # an empty range
        ("2026-02-01T12:00:00Z", "2026-02-01T11:59:59Z"),  # within a day
        ("2026-02-01T00:00:00+02:00", "2026-01-31T22:00:00Z"),  # the same time in another zone
        ("2026-02-01", "2026-02-01T00:00:00Z"),
    ],
)
def test_a_range_that_does_not_begin_before_its_end_is_refused(since: str, until: str) -> None:
    with pytest.raises(Problem) as refused:
        Range(since, until)
    assert (refused.value.status_code, refused.value.code) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("since", "until", "first", "end"),
    [
        ("2026-02-01", "2026-02-01", "2026-02-01", "2026-02-02"),
        ("2026-02-01T23:59:59Z", "2026-02-01", "2026-02-01", "2026-02-02"),
        ("2026-02-01T11:00:00Z", "2026-02-01T11:00:01Z", "2026-02-01", "2026-02-02"),
        ("9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_range_within_one_day_includes_that_day(since: str, until: str, first: str, end: str) -> None:
    days = Range(since, until)
    assert (days.first.isoformat(), days.end.isoformat()) == (first, end)
