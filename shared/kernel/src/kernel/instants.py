"""Read and write points in time as RFC 3339 texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""Bounds of what a caller may name: the default values of unset times in Go, .NET and Java lie outside."""
INFINITIES = frozenset({datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)})
"""Stored by the database driver as infinities, and read back without a time zone."""


def read(text: str) -> datetime:
    """The moment in UTC, to the microsecond. Raises ``ValueError`` for a text that is no RFC 3339 time with
    offset, for a time that ``datetime`` cannot hold (such as a leap second), and for one that cannot be
    stored."""
    if not RFC_3339.fullmatch(text):
        raise ValueError("must be a time by RFC 3339 with its offset")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time that exists") from None
    if moment in INFINITIES:
        raise ValueError("is no time that can be stored")
    return moment


def text_of(moment: datetime) -> str:
    """In UTC, to the microsecond; ``read`` returns the same moment."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
