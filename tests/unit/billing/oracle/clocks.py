"""The oracle's calendar: local times by a search in UTC, months one after the other, days one by one.

Of the time zones it asks only what the clocks show at a moment, never at which moment they show a time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
LONGEST_MONTH = 31


class Rhythm(NamedTuple):
    """When periods begin: every so many intervals, from a local anchor on, on this day of a month."""

    anchor: datetime
    day: int
    interval: str
    every: int
    zone: ZoneInfo


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def earliest(local: datetime, zone: ZoneInfo) -> datetime:
    """The first moment that shows this time, else the moment that the offset before the gap gives."""
    wanted = local.replace(tzinfo=UTC)
    offsets = [_offset(wanted + hours * timedelta(hours=1), zone) for hours in range(-30, 31, 6)]
    moments = sorted({wanted - it for it in offsets})
    for moment in moments:
        if shown(moment, zone) == local:
            return moment
    return wanted - offsets[0]


@lru_cache(maxsize=512)
def boundary(rhythm: Rhythm, index: int) -> datetime:
    if rhythm.interval in {"day", "week"}:
        days = index * rhythm.every * (7 if rhythm.interval == "week" else 1)
        return earliest(rhythm.anchor + days * DAY, rhythm.zone)
    months = index * rhythm.every * (12 if rhythm.interval == "year" else 1)
    first = rhythm.anchor.date().replace(day=1)
    for _ in range(abs(months)):
        first = next_month(first) if months > 0 else (first - DAY).replace(day=1)
    day = first
    while day.day < rhythm.day and (day + DAY).month == first.month:
        day += DAY
    return earliest(datetime.combine(day, rhythm.anchor.time()), rhythm.zone)


def next_month(first: date) -> date:
    return (first + LONGEST_MONTH * DAY).replace(day=1)


def period_of(rhythm: Rhythm, at: datetime) -> tuple[int, datetime, datetime]:
    """The index of the period that contains a moment at or after the anchor, its begin and its end."""
    index = 0
    while boundary(rhythm, index + 1) <= at:
        index += 1
    return index, boundary(rhythm, index), boundary(rhythm, index + 1)


def floor_to(at: datetime, unit: str, zone: ZoneInfo) -> datetime:
    if unit == "day":
        return earliest(datetime.combine(shown(at, zone).date(), datetime.min.time()), zone)
    step = 1 if unit == "second" else 60
    return datetime.fromtimestamp(int(at.timestamp()) // step * step, UTC)


def count(start: datetime, end: datetime, unit: str, zone: ZoneInfo) -> int:
    """Units from one moment to a later one."""
    if unit == "day":
        day, last, days = shown(start, zone).date(), shown(end, zone).date(), 0
        while day < last:
            day, days = day + DAY, days + 1
        return days
    seconds = int(end.timestamp()) - int(start.timestamp())
    return seconds if unit == "second" else seconds // 60


def days_later(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    return earliest(shown(at, zone) + days * DAY, zone)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
