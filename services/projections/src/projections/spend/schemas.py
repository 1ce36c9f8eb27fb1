"""What callers say about marketing spend, and what is shown of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.http.requests import Amount, Body, Currency, Money
from projections.models.ranges import Day

Channel = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class SpentMoney(Body):
    amount: Amount
    currency: Currency


class SpendReport(Body):
    """What a channel has cost on a day, in all. A later report of the same channel, day and currency
    replaces it."""

    channel: Channel
    day: Day
    amount: SpentMoney


class Spend(BaseModel):
    spend_id: UUID
    channel: str
    day: date
    amount: Money
    recorded_at: datetime
