"""The units in which the time of a subscription is counted: a plan has one of them for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from billing.local_time import local_time, moment


class Unit(StrEnum):
    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    """A day of the local calendar, however many hours it has."""


def cut(at: datetime, unit: Unit, zone: ZoneInfo) -> datetime:
    """The moment at which the unit begins that contains ``at``; of a day the local midnight."""
    if unit is Unit.SECOND:
        return at.replace(microsecond=0)
    if unit is Unit.MINUTE:
        return at.replace(second=0, microsecond=0)
    return moment(local_time(at, zone).replace(hour=0, minute=0, second=0, microsecond=0), zone)


def units_between(start: datetime, end: datetime, unit: Unit, zone: ZoneInfo) -> int:
    """Whole seconds or minutes, or the local calendar days from the one date to the other."""
    if unit is Unit.DAY:
        return (local_time(end, zone).date() - local_time(start, zone).date()).days
    return (end - start) // timedelta(seconds=1 if unit is Unit.SECOND else 60)
