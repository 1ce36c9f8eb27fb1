"""When a report is due: at an hour of each day, or of a day of the week or the month, in a time zone.

Where clocks go forward over the hour, it is due when they have; where they go back, the first time it is that
hour. So each day has one such moment.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

Every: TypeAlias = Literal["daily", "weekly", "monthly"]
DAY = timedelta(days=1)
LONGEST = 63
"""Days: any that many days have a day of each schedule."""


class Due(NamedTuple):
    period: date
    """The day in the time zone."""
    moment: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True)
class Schedule:
    every: Every
    weekday: int | None
    """1 is Monday; of weekly ones alone."""
    month_day: int | None
    """Of monthly ones alone; a shorter month has its last day."""
    hour: int
    time_zone: str
    """By IANA, as ``Europe/Lisbon``."""

    def next_after(self, moment: datetime) -> Due:
        today = moment.astimezone(ZoneInfo(self.time_zone)).date()
        days = (today + number * DAY for number in range(-1, LONGEST))
        return next(it for it in self._dues(days) if it.moment > moment)

    def last_until(self, moment: datetime) -> Due:
        """The latest that is not after ``moment``."""
        today = moment.astimezone(ZoneInfo(self.time_zone)).date()
        days = (today - number * DAY for number in range(-1, LONGEST))
        return next(it for it in self._dues(days) if it.moment <= moment)

    def _dues(self, days: Iterator[date]) -> Iterator[Due]:
        zone, hour = ZoneInfo(self.time_zone), time(self.hour)
        return (Due(it, datetime.combine(it, hour, zone).astimezone(UTC)) for it in days if self._has(it))

    def _has(self, day: date) -> bool:
        match self.every:
            case "daily":
                return True
            case "weekly":
                return day.isoweekday() == self.weekday
            case "monthly":
                return day.day == min(self.month_day or 1, monthrange(day.year, day.month)[1])
