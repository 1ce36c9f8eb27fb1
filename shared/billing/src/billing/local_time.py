"""Local times of a time zone, and the moments that they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class UnknownTimeZone(ValueError):
    """The name is not that of a time zone."""


def time_zone(name: str) -> ZoneInfo:
    """By its IANA name, such as "Europe/Berlin". Raises ``UnknownTimeZone``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an OSError for the name of a folder, such as "America"
        raise UnknownTimeZone(name) from None


def moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When the zone's clocks show a time, in UTC.

    A time that a change of the clocks skips is read with the offset before it: 02:30 is 03:30. Of a time that
    occurs twice the first occurrence counts.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def local_time(at: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clocks show at a moment, without the zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def later_by_days(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same local time of day, so many local days later."""
    return moment(local_time(at, zone) + timedelta(days=days), zone)
