"""Moments of time as they come in and go out: read in one way, written in one way, the same in between."""

from __future__ import annotations

import re
from datetime import UTC, datetime

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Between these a caller may name one: an unset time of Go, .NET or Java lies outside."""
ENDLESS = frozenset({datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)})
"""What the database's driver takes for an infinity, and gives back without a time zone."""


def read(text: str) -> datetime:
    """The moment in UTC, to the microsecond. Raises ``ValueError`` for what is no time by RFC 3339 with its
    offset, for what no clock here can show, such as a leap second, and for what cannot be stored."""
    if not RFC_3339.fullmatch(text):
        raise ValueError("must be a time by RFC 3339 with its offset")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time that exists") from None
    if moment in ENDLESS:
        raise ValueError("is no time that can be stored")
    return moment


def text_of(moment: datetime) -> str:
    """In UTC, to the microsecond: what ``read`` takes for the same moment."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
