"""The day of what a fact says, and the day since which it is known."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from kernel.projections.model import day_of


class Dated(BaseModel):
    """Both are UTC days. Figures as they were known at the end of a day count what was known by then."""

    day: date
    known: date
    """On which the fact was recorded: facts may be reported late."""


def dated(occurred_at: datetime, recorded_at: datetime) -> Dated:
    return Dated(day=day_of(occurred_at), known=day_of(recorded_at))
