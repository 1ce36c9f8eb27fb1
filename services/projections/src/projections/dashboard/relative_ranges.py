"""Ranges of days that move with the time, as "the last 30 days". All days are those of UTC, and weeks begin
on Monday. Those with "last" or "yesterday" in their names consist of whole days that are over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, TypeAlias

from projections.dashboard.comparing import DAY, Days

RelativeRange: TypeAlias = Literal[
    "today",
    "yesterday",
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "last_365_days",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
]
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def days_in(name: RelativeRange, today: date) -> Days:
    which, _, period = name.partition("_")
    if name == "today":
        return Days(today, today + DAY)
    if name == "yesterday":
        return Days(today - DAY, today)
    if period.endswith("_days"):
        return Days(today - timedelta(int(period.removesuffix("_days"))), today)
    first = _first_of(period, today)
    return Days(first, today + DAY) if which == "this" else Days(_first_of(period, first - DAY), first)


def _first_of(period: str, day: date) -> date:
    if period == "week":
        return day - timedelta(day.weekday())
    months = MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)
