"""What follows a refused renewal, as data: further attempts, the suspension, the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from billing.local_time import later_by_days

MOST_RETRIES = 8
MOST_ATTEMPTS = 8
"""For one invoice, those included that are asked for by hand."""
MOST_DAYS = 60
SOFT_REFUSALS = frozenset({"INSUFFICIENT_FUNDS", "PAYMENT_DECLINED"})
"""A later attempt may succeed with the same payment method. After any other code the customer has to act."""


class End(StrEnum):
    """What becomes of a subscription whose invoice stays unpaid."""

    CANCEL = "cancel"
    PAUSE = "pause"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class Dunning:
    """Days after the invoice was due. Raises ``ValueError`` for days that a plan may not have."""

    retry_days: tuple[int, ...] = (1, 3, 5, 7)
    suspend_after_days: int = 7
    end_after_days: int = 14
    end: End = End.CANCEL

    def __post_init__(self) -> None:
        days = (*self.retry_days, self.suspend_after_days, self.end_after_days)
        if len(self.retry_days) > MOST_RETRIES or not all(1 <= it <= MOST_DAYS for it in days):
            raise ValueError(f"at most {MOST_RETRIES} retries, and 1 to {MOST_DAYS} days")
        if any(second <= first for first, second in pairwise(self.retry_days)):
            raise ValueError("the days of retries ascend")
        if self.suspend_after_days > self.end_after_days:
            raise ValueError("a subscription is suspended before it ends")


@dataclass(frozen=True, slots=True)
class DunningCalendar:
    retries: tuple[datetime, ...]
    suspends_at: datetime | None
    ends_at: datetime


def calendar_of(dunning: Dunning, due: datetime, next_boundary: datetime, zone: ZoneInfo) -> DunningCalendar:
    """
    When each of it happens, at the local time of day at which the invoice was due.

    Nothing but the end comes at or after the next boundary, and the end comes with it at the latest: one
    period of a subscription is open at most.
    """

    def after(days: int) -> datetime:
        return later_by_days(due, days, zone)

    suspension, end = after(dunning.suspend_after_days), min(after(dunning.end_after_days), next_boundary)
    return DunningCalendar(
        tuple(it for it in map(after, dunning.retry_days) if it < end),
        suspension if suspension < next_boundary else None,
        end,
    )


def next_attempt(calendar: DunningCalendar, at: datetime, attempts: int, refusal: str) -> datetime | None:
    """When the charge is tried again by itself. ``attempts``: made so far. ``refusal``: the last code."""
    if refusal not in SOFT_REFUSALS or attempts >= MOST_ATTEMPTS:
        return None
    return next((it for it in calendar.retries if it > at), None)
