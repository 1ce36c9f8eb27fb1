"""What a checkout may wait for, how long, and when the provider is looked at meanwhile.

A further kind of wait needs a row in ``STATUSES``, and the use case that ends the wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

CUSTOMER_ACTION, PAYMENT, NEW_METHOD = "customer_action", "payment", "new_payment_method"
PROVIDER = "provider"
"""The provider alone: it has not decided yet."""
FRAUD_REVIEW = "fraud_review"
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        CUSTOMER_ACTION: "requires_action",
        PAYMENT: "requires_action",
        NEW_METHOD: "requires_action",
        PROVIDER: "processing",
        FRAUD_REVIEW: "needs_operator",
    }
)
"""The status of a checkout that waits for it."""

PIX, BOLETO = "pix", "boleto"
BANKING: Mapping[str, timedelta] = MappingProxyType({PIX: timedelta(minutes=10), BOLETO: timedelta(hours=72)})
"""How much later than it was paid a payment in time may be known: a bank confirms a boleto on the next
business day or later."""
PUSH_METHODS = BANKING.keys()
BRAZIL = ZoneInfo("America/Sao_Paulo")
LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)
"""Of a day, by the clock on the wall."""

CARRIED_OUT_WITHIN = timedelta(minutes=10)
"""The deadline of a checkout in review is so much later than the end of the review."""
HELD_LONGER = timedelta(minutes=15)
"""The cart's lock and the reservation outlive the deadline by so much: what follows takes time."""
LATEST_DEADLINE = timedelta(minutes=25)
"""After the start, without a longer hold: the cart is locked for half an hour."""
LOOKS_SECONDS = (15, 30, 60, 120, 240, 480)
LAST_LOOK = timedelta(seconds=30)
"""Before the deadline."""
PIX_LOOKS = tuple(timedelta(minutes=it) for it in (1, 2, 5, 10))
PIX_PAUSE, BOLETO_PAUSE = timedelta(minutes=10), timedelta(hours=1)


def pay_until(method: str, now: datetime, pix_minutes: int, boleto_days: int) -> datetime | None:
    """Until when a payment that begins now may be made; None: the method has no such time.

    A boleto may be paid until the end of a day in Brazil: ``boleto_days`` after today there.
    """
    if method == PIX:
        return now + timedelta(minutes=pix_minutes)
    if method == BOLETO:
        today = now.astimezone(BRAZIL).replace(hour=0, minute=0, second=0, microsecond=0)
        # sums of local times are by the clock on the wall
        return (today + timedelta(days=boleto_days) + LAST_SECOND).astimezone(UTC)
    return None


def deadline_to_act(
    started_at: datetime, ends_at: datetime, now: datetime, minutes: int, held_until: datetime | None
) -> datetime:
    """Until when the customer has time to act. ``ends_at``: the deadline of the start, which is not moved
    forward. ``held_until``: the end of a longer hold of the cart; None: there is none."""
    latest = started_at + LATEST_DEADLINE if held_until is None else held_until - HELD_LONGER
    return min(max(ends_at, now + timedelta(minutes=minutes)), latest)


def next_look(kind: str, method: str, since: datetime, until: datetime, now: datetime) -> datetime | None:
    """When the provider is looked at next; None: not before the deadline ``until``."""
    if kind != PAYMENT:
        due = [since + timedelta(seconds=it) for it in LOOKS_SECONDS]
        later = [it for it in (*due, until - LAST_LOOK) if it > now]
        return min(later, default=None)
    pause = BOLETO_PAUSE if method == BOLETO else PIX_PAUSE
    due_at = since + ((now - since) // pause + 1) * pause
    if method == PIX:
        due_at = min((since + it for it in PIX_LOOKS if since + it > now), default=due_at)
    return due_at if due_at < until else None
