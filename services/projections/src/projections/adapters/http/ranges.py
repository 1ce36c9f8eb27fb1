"""The range of days that a question is about."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import Query

from kernel.http.problems import invalid
from kernel.http.requests import instant
from kernel.instants import EARLIEST

DAY = timedelta(days=1)
MIDNIGHT, LAST_MOMENT = time.min, time.max
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TEXT = "A date, or a time by RFC 3339."


class Range:
    """Measures are kept by whole days of UTC: every day that the range touches is in.

    Use as ``Annotated[Range, Depends()]``; ``first`` is in it, ``end`` is not.
    """

    def __init__(
        self,
        since: Annotated[str | None, Query(alias="from", description=f"{TEXT} Included.")] = None,
        until: Annotated[
            str | None,
            Query(alias="to", description=f"{TEXT} A time is not included; of a date the whole day is."),
        ] = None,
    ) -> None:
        begin = None if since is None else _beginning(_parsed(since, "/from"))
        end = None if until is None else _ending(_parsed(until, "/to"))
        if begin is not None and end is not None and begin >= end:
            raise invalid("is not before its end", "/from", "query")
        self.first = date.min if begin is None else begin.date()
        self.end = date.max if end is None else _day_after(end)


def _beginning(it: date | datetime) -> datetime:
    return it if isinstance(it, datetime) else datetime.combine(it, MIDNIGHT, UTC)


def _ending(it: date | datetime) -> datetime:
    """Of a date its last moment, which is never a midnight: so the day after it needs no day after that."""
    return it if isinstance(it, datetime) else datetime.combine(it, LAST_MOMENT, UTC)


def _day_after(end: datetime) -> date:
    """The first day that the range does not touch."""
    if end.timetz() == MIDNIGHT.replace(tzinfo=UTC) or end.date() == date.max:
        return end.date()
    return end.date() + DAY


def _parsed(text: str, pointer: str) -> date | datetime:
    try:
        if not DATE.fullmatch(text):
            return instant(text)
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("must be a date or a time by RFC 3339", pointer, "query") from None
    if day < EARLIEST.date():
        raise invalid(f"must be from {EARLIEST.year} on", pointer, "query")
    return day
