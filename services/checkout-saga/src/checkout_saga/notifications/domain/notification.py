"""A message to a customer: requested, transferred at most once, and how it ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts import notification as facts
from contracts.notification import AbandonedCart
from kernel.domain import Aggregate
from kernel.ids import NIL_ID, derive_id

NOTIFICATIONS = UUID("6c2d5a1e-54b1-4f0e-9d5c-0f8f5a1b7c42")
EMAIL = "email"
"""A channel."""


class Status(StrEnum):
    NONE = "none"
    REQUESTED = "requested"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


PENDING = {Status.REQUESTED, Status.SENDING}


class Notification(Aggregate):
    CREATED_BY = facts.Requested.TYPE

    def initialise(self) -> None:
        self.status = Status.NONE
        self.kind = ""
        self.locale: str | None = None
        self.about = NIL_ID
        self.customer_id = ""
        self.cart: AbandonedCart | None = None
        self.attempts = 0
        """How often its transfer has begun."""

    @property
    def is_pending(self) -> bool:
        return self.status in PENDING

    def request(
        self,
        kind: str,
        about: UUID,
        customer_id: str,
        locale: str | None = None,
        cart: AbandonedCart | None = None,
    ) -> None:
        """Once, however often the fact is read because of which it is sent."""
        if not self.exists:
            self.record(
                facts.Requested(
                    kind=kind, channel=EMAIL, about=about, customer_id=customer_id, locale=locale, cart=cart
                )
            )

    def is_doubtful(self, answered: int) -> bool:
        """Whether a transfer began whose end is not known. ``answered``: how many the server has refused."""
        return self.status is Status.SENDING and self.attempts > answered

    def begin_sending(self, answered: int) -> bool:
        """False if it must not be sent: it has ended, or another process is sending it."""
        if not self.is_pending or self.attempts != answered:
            return False
        self.record(facts.Sending(kind=self.kind, attempt=self.attempts + 1))
        return True

    def mark_sent(self) -> None:
        """Also if its end counted as unknown meanwhile."""
        if self.status in {Status.SENDING, Status.UNKNOWN}:
            self.record(facts.Sent(kind=self.kind))

    def fail(self, code: str, reply: int | None) -> None:
        if self.is_pending:
            self.record(facts.Failed(kind=self.kind, code=code, reply=reply))

    def mark_unknown(self) -> None:
        if self.status is Status.SENDING:
            self.record(facts.Unknown(kind=self.kind))

    def skip(self, reason: str) -> None:
        if self.status is Status.REQUESTED:
            self.record(facts.Skipped(kind=self.kind, reason=reason))

    def evolve(self, fact: facts.NotificationFact) -> None:
        match fact:
            case facts.Requested():
                self.status = Status.REQUESTED
                self.kind, self.locale, self.about = fact.kind, fact.locale, fact.about
                self.customer_id, self.cart = fact.customer_id or "", fact.cart
            case facts.Sending(attempt=attempt):
                self.status, self.attempts = Status.SENDING, attempt
            case facts.Sent():
                self.status = Status.SENT
            case facts.Failed():
                self.status = Status.FAILED
            case facts.Unknown():
                self.status = Status.UNKNOWN
            case facts.Skipped():
                self.status = Status.SKIPPED
            case _:
                assert_never(fact)


def notification_id_of(stream_id: UUID, version: int, kind: str, recipient: str) -> UUID:
    """By the fact because of which it is sent, so that a repeated fact makes no second one."""
    return derive_id(NOTIFICATIONS, f"{stream_id}:{version}/{kind}/{recipient}")


def is_over(cart: AbandonedCart, now: datetime) -> bool:
    """Whether the cart has expired, and the link to it with it."""
    return now >= cart.expires_at
