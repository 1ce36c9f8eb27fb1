"""When something happened, and since when it is known."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from kernel.projections.model import day_of


class Moment(BaseModel):
    at: datetime
    known: date
    """The UTC day on which the fact was recorded."""

    @property
    def day(self) -> date:
        return day_of(self.at)


def moment(occurred_at: datetime, recorded_at: datetime) -> Moment:
    return Moment(at=occurred_at, known=day_of(recorded_at))
