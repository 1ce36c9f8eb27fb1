"""The facts of notifications: messages to customers. Bodies and addresses stand in none of them."""

from datetime import datetime
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
    """The intent to notify, recorded before anything is sent."""

    TYPE = "notification.requested"
    kind: str
    """``cart_recovery``."""
    channel: str
    """``email``."""
    locale: str | None = None
    """The customer's, if it is known; the template is chosen by it."""
    about: UUID
    """The stream of the fact because of which the message is sent."""
    customer_id: str | None = None
    cart: AbandonedCart | None = None


class Sending(Fact):
    """From here on the message may be visible: it is transferred now. ``attempt`` counts from 1."""

    TYPE = "notification.sending"
    kind: str
    attempt: int


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
    """``no_channel``, ``no_address``, ``no_consent``, ``erased`` or ``overtaken``."""


NotificationFact = Requested | Sending | Sent | Failed | Unknown | Skipped
