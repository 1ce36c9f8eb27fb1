"""Billing periods: their boundaries are counted from one anchor, on the local calendar of a time zone.

A boundary is never counted from the one before it: 31 January is followed by 28 February and 31 March.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from billing.local_time import local_time, moment

MONTHS_OF_YEAR = 12


class Interval(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


LONGEST = {Interval.DAY: 365, Interval.WEEK: 156, Interval.MONTH: 36, Interval.YEAR: 3}
"""Intervals in one period, at most."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A period is ``count`` intervals long. Raises ``ValueError`` for a period that no plan may have."""

    interval: Interval
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST[self.interval]:
            raise ValueError(f"a period has 1 to {LONGEST[self.interval]} {self.interval}s, not {self.count}")

    @property
    def days(self) -> int | None:
        """None if the calendar decides."""
        return {Interval.DAY: self.count, Interval.WEEK: 7 * self.count}.get(self.interval)

    @property
    def months(self) -> int:
        """Only of a period whose length the calendar decides."""
        return self.count * (MONTHS_OF_YEAR if self.interval is Interval.YEAR else 1)


@dataclass(frozen=True, slots=True)
class Period:
    """``start`` is in it, ``end`` is in the next one. A stub before the first whole period has number 0."""

    number: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """All periods from an anchor, a local time of ``zone``. They have no gap and do not overlap."""

    anchor: datetime
    zone: ZoneInfo
    cycle: Cycle
    day: int | None = None
    """The day of the month on which periods begin, where it is another than the anchor's: an anchor of
    28 February for the 31st."""
    first_number: int = 1
    """Of the period that begins at the anchor: numbers go on where a subscription gets another anchor."""

    def boundary(self, index: int) -> datetime:
        """The begin of the period of this index, in UTC. The anchor has index 0."""
        return moment(self._local(index), self.zone)

    def period(self, number: int) -> Period:
        index = number - self.first_number
        return Period(number, self.boundary(index), self.boundary(index + 1))

    def period_at(self, at: datetime) -> Period:
        """The period that contains a moment. Before the anchor its number is below ``first_number``."""
        index = self._index_near(local_time(at, self.zone))
        while self.boundary(index + 1) <= at:
            index += 1
        while self.boundary(index) > at:
            index -= 1
        return self.period(index + self.first_number)

    def _local(self, index: int) -> datetime:
        if self.cycle.days is not None:
            return self.anchor + timedelta(days=index * self.cycle.days)
        return on_day(self.anchor, index * self.cycle.months, self.day or self.anchor.day)

    def _index_near(self, local: datetime) -> int:
        if self.cycle.days is not None:
            return (local.date() - self.anchor.date()).days // self.cycle.days
        return (_months(local) - _months(self.anchor)) // self.cycle.months


def on_day(local: datetime, months: int, day: int) -> datetime:
    """So many months later, on this day or the last one of a month that is shorter."""
    years, month = divmod(_months(local) + months, MONTHS_OF_YEAR)
    days = monthrange(years, month + 1)[1]
    return local.replace(year=years, month=month + 1, day=min(day, days))


def _months(local: datetime) -> int:
    return local.year * MONTHS_OF_YEAR + local.month - 1
