"""The range of days of a page, and the earlier one that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

from kernel.http.problems import invalid
from projections.questions.statement import Asked

Comparison: TypeAlias = Literal["previous", "year"]
DAY = timedelta(days=1)
USUAL_DAYS, USUAL_DAYS_OF_PERIODS = 30, 365
"""Of the range when none is given; the second one for heat maps, whose rows are weeks or months."""
NO_EARLIER_RANGE = "Only a range with a beginning and an end has an earlier one to compare it with."


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    end: date
    """The day after the last one."""

    def __str__(self) -> str:
        return f"{self.first} to {self.end - DAY}"

    @property
    def is_bounded(self) -> bool:
        return self.first > date.min and self.end < date.max


def days_of(asked: Asked, today: date) -> Days:
    """Those that were asked for; without any, the latest ones, today's included."""
    values: Mapping[str, Any] = asked.values
    asked_for = Days(values["first"], values["end"])
    if asked_for != Days(date.min, date.max):
        return asked_for
    is_of_periods = asked.question.chart.kind == "heatmap"
    return Days(today + DAY - timedelta(USUAL_DAYS_OF_PERIODS if is_of_periods else USUAL_DAYS), today + DAY)


def during(asked: Asked, days: Days) -> Asked:
    return replace(asked, values={**asked.values, "first": days.first, "end": days.end})


def earlier(days: Days, comparison: Comparison) -> Days:
    """As many days just before, or the same days of the year before. Raises a ``Problem``."""
    length = days.end - days.first
    begin = date.min
    try:
        if days.is_bounded:
            begin = days.first - length if comparison == "previous" else _year_before(days.first)
    except (OverflowError, ValueError):
        pass
    if begin == date.min:
        raise invalid(NO_EARLIER_RANGE, "/compare", "query")
    return Days(begin, begin + length)


def _year_before(day: date) -> date:
    """The 29th of February has the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
