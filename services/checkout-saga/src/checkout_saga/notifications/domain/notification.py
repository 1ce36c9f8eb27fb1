"""A message to a person or to the shop: requested, transferred at most once, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from contracts import notification as facts
from contracts.notification import AbandonedCart
from kernel.domain import Aggregate
from kernel.ids import NIL_ID, derive_id

NOTIFICATIONS = UUID("6c2d5a1e-54b1-4f0e-9d5c-0f8f5a1b7c42")
EMAIL, SLACK = "email", "slack"
"""Channels."""
INTERVAL = "interval"
"""Why a message is left out: one like it was sent shortly before."""


class Status(StrEnum):
    NONE = "none"
    REQUESTED = "requested"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


PENDING = {Status.REQUESTED, Status.SENDING}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Whom and what a message is about, and what it shows that no aggregate holds."""

    customer_id: str | None = None
    order_id: UUID | None = None
    code: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Notification(Aggregate):
    CREATED_BY = facts.Requested.TYPE

    def initialise(self) -> None:
        self.status = Status.NONE
        self.kind = ""
        self.locale: str | None = None
        self.about = NIL_ID
        self.channel = EMAIL
        self.channel_id: UUID | None = None
        self.customer_id = ""
        self.order_id: UUID | None = None
        self.code: str | None = None
        """Why a message to the shop is sent."""
        self.details: Mapping[str, Any] = {}
        self.cart: AbandonedCart | None = None
        self.requested_at: tuple[datetime, ...] = ()
        """When it was requested, and requested again by operators."""
        self.attempts = 0
        """How often its transfer has begun."""
        self.unknown_since: datetime | None = None
        """Since when it has not been known whether it was sent; an operator looks, and may send it again."""
        self.left_out = 0
        """How many messages had been left out for one like them, with this one."""
        self.left_out_after: UUID | None = None
        """That one."""
        self.outcome: str | None = None
        """Why it was skipped, or has failed."""

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

    def request_about(
        self,
        kind: str,
        about: UUID,
        occasion: Occasion,
        channel: str = EMAIL,
        channel_id: UUID | None = None,
    ) -> None:
        """Once, however often the fact is read because of which it is sent. ``about``: its stream."""
        if not self.exists:
            self._request(kind, about, occasion, channel, channel_id)

    def request_again(self, operator: str) -> None:
        """Ignored while it is pending: then it is sent without that."""
        if not self.is_pending:
            occasion = Occasion(self.customer_id or None, self.order_id, self.code, self.details)
            self._request(self.kind, self.about, occasion, self.channel, self.channel_id, operator)

    def _request(
        self,
        kind: str,
        about: UUID,
        occasion: Occasion,
        channel: str,
        channel_id: UUID | None,
        operator: str | None = None,
    ) -> None:
        self.record(
            facts.Requested(
                kind=kind,
                channel=channel,
                locale=self.locale,
                about=about,
                customer_id=occasion.customer_id,
                cart=self.cart,
                order_id=occasion.order_id,
                channel_id=channel_id,
                code=occasion.code,
                details=dict(occasion.details),
                resent_by=operator,
            )
        )

    @property
    def is_repeated(self) -> bool:
        """Whether an operator wants it sent again."""
        return len(self.requested_at) > 1

    def requests_since(self, moment: datetime) -> int:
        return sum(it > moment for it in self.requested_at)

    def is_doubtful(self, answered: int) -> bool:
        """Whether a transfer began whose end is not known. ``answered``: how many the server has refused."""
        return self.status is Status.SENDING and self.attempts > answered

    def begin_sending(self, answered: int, left_out: int = 0) -> bool:
        """False if it must not be sent: it has ended, or another process is sending it. ``left_out``: how
        many messages like it were left out before it."""
        if not self.is_pending or self.attempts != answered:
            return False
        self.record(facts.Sending(kind=self.kind, attempt=self.attempts + 1, left_out=left_out))
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

    def leave_out(self, count: int, after: UUID) -> None:
        """``after``: the one like it that was sent shortly before; ``count``: how many followed that one."""
        if self.status is Status.REQUESTED:
            self.record(facts.Skipped(kind=self.kind, reason=INTERVAL, left_out=count, after=after))

    def evolve(self, fact: facts.NotificationFact) -> None:
        match fact:
            case facts.Requested():
                self.status, self.attempts, self.outcome = Status.REQUESTED, 0, None
                self.unknown_since = None
                self.kind, self.locale, self.about = fact.kind, fact.locale, fact.about
                self.customer_id, self.cart = fact.customer_id or "", fact.cart
                self.channel, self.channel_id, self.order_id = fact.channel, fact.channel_id, fact.order_id
                self.code, self.details = fact.code, fact.details
                self.requested_at = (*self.requested_at, fact.timestamp)
            case facts.Sending(attempt=attempt):
                self.status, self.attempts = Status.SENDING, attempt
            case facts.Sent():
                self.status, self.unknown_since = Status.SENT, None
            case facts.Failed(code=code):
                self.status, self.outcome = Status.FAILED, code
            case facts.Unknown():
                self.status, self.unknown_since = Status.UNKNOWN, fact.timestamp
            case facts.Skipped(reason=reason):
                self.status, self.outcome = Status.SKIPPED, reason
                self.left_out, self.left_out_after = fact.left_out, fact.after
            case _:
                assert_never(fact)


def notification_id_of(stream_id: UUID, version: int, kind: str, recipient: str) -> UUID:
    """By the fact because of which it is sent, so that a repeated fact makes no second one."""
    return derive_id(NOTIFICATIONS, f"{stream_id}:{version}/{kind}/{recipient}")


def is_over(cart: AbandonedCart, now: datetime) -> bool:
    """Whether the cart has expired, and the link to it with it."""
    return now >= cart.expires_at
