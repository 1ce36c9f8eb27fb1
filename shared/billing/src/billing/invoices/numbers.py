"""Numbers of documents: consecutive in a series and a year, in the order of issue."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from billing.local_time import local_time

DIGITS = 6
"""At least."""


def numbers_after(series: str, year: int, last: int, count: int) -> tuple[str, ...]:
    """The next numbers of a series whose last number of this year is ``last``, 0 if it has none yet."""
    return tuple(f"{series}-{year}-{number:0{DIGITS}}" for number in range(last + 1, last + count + 1))


def year_of(issued_at: datetime, legal_zone: ZoneInfo) -> int:
    """The year that is part of a document's number."""
    return local_time(issued_at, legal_zone).year
