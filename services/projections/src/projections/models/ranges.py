"""Days in a query: one, or a range of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, TypeAlias

from fastapi import Depends, Query
from pydantic import PlainValidator, WithJsonSchema

from kernel.http.problems import invalid
from kernel.http.requests import instant
from kernel.instants import EARLIEST

DAY = timedelta(days=1)
MIDNIGHT, LAST_MOMENT = time.min, time.max
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TEXT = "A date, or a time in RFC 3339 format."


class Range:
    """Read models count by whole UTC days: every day that the range touches is included.

    A handler takes it as ``InRange``. ``first`` is the first day, ``end`` the day after the last one.
    """

    def __init__(
        self,
        since: Annotated[str | None, Query(alias="from", description=f"{TEXT} Included.")] = None,
        until: Annotated[
            str | None,
            Query(alias="to", description=f"{TEXT} A time is excluded; a date is included as a whole."),
        ] = None,
    ) -> None:
        begin = None if since is None else _beginning(_parsed(since, "/from"))
        end = None if until is None else _ending(_parsed(until, "/to"))
        if begin is not None and end is not None and begin >= end:
            raise invalid("The start of the range must be before its end.", "/from", "query")
        self.first = date.min if begin is None else begin.date()
        self.end = date.max if end is None else _day_after(end)


InRange: TypeAlias = Annotated[Range, Depends()]


def _day(value: object) -> date:
    """Raises ``ValueError``."""
    if not isinstance(value, str) or not DATE.fullmatch(value) or value < f"{EARLIEST.date()}":
        raise ValueError(f"The value must be a date, such as 2026-03-01, in {EARLIEST.year} or later.")
    return date.fromisoformat(value)


Day: TypeAlias = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Known: TypeAlias = Annotated[
    Day | None,
    Query(description="A date: the figures as known at the end of that day in UTC. By default as known now."),
]


def _beginning(limit: date | datetime) -> datetime:
    return limit if isinstance(limit, datetime) else datetime.combine(limit, MIDNIGHT, UTC)


def _ending(limit: date | datetime) -> datetime:
    """A date ends with its last microsecond. Its next midnight would not exist for 9999-12-31."""
    return limit if isinstance(limit, datetime) else datetime.combine(limit, LAST_MOMENT, UTC)


def _day_after(end: datetime) -> date:
    """The first day after the range."""
    if end.timetz() == MIDNIGHT.replace(tzinfo=UTC) or end.date() == date.max:
        return end.date()
    return end.date() + DAY


def _parsed(text: str, pointer: str) -> date | datetime:
    try:
        if not DATE.fullmatch(text):
            return instant(text)
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("The value must be a date, or a time in RFC 3339 format.", pointer, "query") from None
    if day < EARLIEST.date():
        raise invalid(f"The date must be in {EARLIEST.year} or later.", pointer, "query")
    return day
