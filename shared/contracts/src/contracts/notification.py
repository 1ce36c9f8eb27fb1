"""The facts of notifications: messages to customers and to the shop. Bodies and addresses stand in none of
them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.cart import RecoveryLine
from contracts.envelope import Fact, Part
from contracts.sale import Totals


class AbandonedCart(Part):
    """What a message about an abandoned cart shows, as it was when the message became due."""

    cart_id: UUID
    attempt: int
    currency: str
    totals: Totals
    lines: tuple[RecoveryLine, ...]
    expires_at: datetime


class Requested(Fact):
    """The intent to notify, recorded before anything is sent; again if an operator wants it sent again."""

    TYPE = "notification.requested"
    kind: str
    """``cart_recovery``, ``order_confirmation``, …"""
    channel: str
    """``email`` or ``slack``."""
    locale: str | None = None
    """The customer's, if it is known by then; the template is chosen by it."""
    about: UUID
    """The stream of the fact because of which the message is sent."""
    customer_id: str | None = None
    """Whose message it is, or the owner of what an invitation is for. None: a message to the shop."""
    cart: AbandonedCart | None = None
    order_id: UUID | None = None
    channel_id: UUID | None = None
    """To which of the shop's channels it goes. None: to a person."""
    code: str | None = None
    """Why a message to the shop is sent: messages with the same code are alike."""
    details: dict[str, Any] = {}
    """What the message shows that nothing else tells, by name; no personal data."""
    resent_by: str | None = None
    """Which operator wants it sent again."""


class Sending(Fact):
    """From here on the message may be visible: it is transferred now. ``attempt`` counts from 1."""

    TYPE = "notification.sending"
    kind: str
    attempt: int
    left_out: int = 0
    """How many messages like it were left out before it, which it tells."""


class Sent(Fact):
    """The server has taken the message."""

    TYPE = "notification.sent"
    kind: str


class Failed(Fact):
    """The message was not sent, and will not be."""

    TYPE = "notification.failed"
    kind: str
    code: str
    """``rejected`` by the server for good, or ``gave_up`` after the last try."""
    reply: int | None = None
    """The server's last reply code."""


class Unknown(Fact):
    """The transfer began and its end is not known: the message may be visible, so it is not sent again."""

    TYPE = "notification.unknown"
    kind: str


class Skipped(Fact):
    """The message was not needed or not allowed."""

    TYPE = "notification.skipped"
    kind: str
    reason: str
    """``no_channel``, ``no_address``, ``no_consent``, ``erased``, ``overtaken``, ``too_many``, ``no_page``,
    or ``interval``: one like it had been sent shortly before."""
    left_out: int = 0
    """How many were left out for ``interval`` since then, with this one."""
    after: UUID | None = None
    """That one, which was sent."""


NotificationFact = Requested | Sending | Sent | Failed | Unknown | Skipped
