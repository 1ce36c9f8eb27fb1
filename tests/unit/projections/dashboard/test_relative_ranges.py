"""Ranges of days that move with the time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.dashboard.relative_ranges import RelativeRange, days_in

MONDAY_IN_MARCH = date(2024, 3, 4)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("today", "2024-03-04 to 2024-03-04"),
        ("yesterday", "2024-03-03 to 2024-03-03"),
        ("last_7_days", "2024-02-26 to 2024-03-03"),
        ("last_30_days", "2024-02-03 to 2024-03-03"),
        ("this_week", "2024-03-04 to 2024-03-04"),
        ("last_week", "2024-02-26 to 2024-03-03"),
        ("this_month", "2024-03-01 to 2024-03-04"),
        ("last_month", "2024-02-01 to 2024-02-29"),
        ("this_quarter", "2024-01-01 to 2024-03-04"),
        ("last_quarter", "2023-10-01 to 2023-12-31"),
        ("this_year", "2024-01-01 to 2024-03-04"),
        ("last_year", "2023-01-01 to 2023-12-31"),
    ],
)
def test_a_relative_range_has_the_days_that_its_name_says(name: RelativeRange, shown: str) -> None:
    assert str(days_in(name, MONDAY_IN_MARCH)) == shown


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(get_args(RelativeRange)))
def test_only_ranges_of_this_period_include_today(today: date, name: RelativeRange) -> None:
    days = days_in(name, today)
    assert days.first < days.end
    last = days.end - timedelta(days=1)
    assert last == today if name == "today" or name.startswith("this_") else last < today
