"""What callers say about reports by e-mail, and what is shown of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.http.requests import Body, Id
from projections.reports.schedule import Every


class ReportToSend(Body):
    saved_question_id: Id
    address: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^\x00-\x1f\x7f]*$")]
    every: Every
    weekday: Annotated[int, Field(ge=1, le=7)] | None = None
    month_day: Annotated[int, Field(ge=1, le=31)] | None = None
    hour: Annotated[int, Field(ge=0, le=23)]
    time_zone: Annotated[str, Field(min_length=1, max_length=64)]


class ReportMail(BaseModel):
    period: date | None
    state: Literal["queued", "sending", "sent", "failed"]
    reason: str | None
    queued_at: datetime


class ReportSubscription(BaseModel):
    subscription_id: UUID
    saved_question_id: UUID
    owner: str
    address: str | None
    every: Every
    weekday: int | None
    month_day: int | None
    hour: int
    time_zone: str
    state: Literal["active", "paused", "ended"]
    next_at: datetime | None
    last_mail: ReportMail | None
    created_at: datetime

    @classmethod
    def of(cls, row: Any, address: str | None) -> ReportSubscription:
        names = ("subscription_id", "owner", "every", "weekday", "month_day", "hour", "time_zone", "state")
        last = None
        if row["last_state"] is not None:
            last = ReportMail(
                period=row["period"],
                state=row["last_state"],
                reason=row["reason"],
                queued_at=row["queued_at"],
            )
        return cls(
            saved_question_id=row["saved_id"],
            address=address,
            next_at=row["next_at"] if row["state"] == "active" else None,
            last_mail=last,
            created_at=row["created_at"],
            **{it: row[it] for it in names},
        )
