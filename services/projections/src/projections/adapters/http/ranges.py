"""The range of days that a question is about."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query

from kernel.http.problems import invalid
from kernel.http.requests import instant
from kernel.instants import EARLIEST

DAY = timedelta(days=1)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TEXT = "A date, or a time by RFC 3339."


class Range:
    """Figures are kept by whole days of UTC: every day that the range touches is in.

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
        self.first = date.min if since is None else _first(since)
        self.end = date.max if until is None else _end(until)
        if since is not None and until is not None and self.first > self.end:
            raise invalid("begins after its end", "/from", "query")


def _first(text: str) -> date:
    it = _parsed(text, "/from")
    return it.date() if isinstance(it, datetime) else it


def _end(text: str) -> date:
    it = _parsed(text, "/to")
    if isinstance(it, datetime):
        midnight = datetime(it.year, it.month, it.day, tzinfo=UTC)
        return it.date() if it == midnight else _after(it.date())
    return _after(it)


def _after(day: date) -> date:
    return day + DAY if day < date.max else day


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
