"""The view of a notification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.notifications.domain.notification import Notification
from kernel.http.descriptions import Word

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NotificationView": Word("A message to a customer or to the shop, without address and text."),
        "notification_id": Word("The message's id.", "019a2b3c-0008-7000-8000-000000000001"),
        "NotificationView.kind": Word("What it is about.", "order_confirmation"),
        "NotificationView.channel": Word("email or slack.", "email"),
        "NotificationView.channel_id": Word(
            "To which of the shop's channels it goes; null: to a person.", None
        ),
        "NotificationView.status": Word(
            "requested, sending, sent, failed, skipped; unknown: perhaps sent, and not sent again.",
            "sent",
        ),
        "NotificationView.reason": Word("Why it was skipped, or has failed.", None),
        "NotificationView.about": Word(
            "The id of what the message is about.", "019a2b3c-0004-7000-8000-000000000001"
        ),
        "NotificationView.customer_id": Word("Whose message it is; null: the shop's.", "customer-42"),
        "NotificationView.order_id": Word("The order.", "019a2b3c-0005-7000-8000-000000000001"),
        "NotificationView.code": Word("Of a message to the shop: why it is sent.", None),
        "NotificationView.attempts": Word("How often its transfer has begun.", 1),
        "NotificationView.requested_at": Word(
            "When it was requested, and requested again.", ["2026-03-01T12:00:00Z"]
        ),
    }
)


class NotificationView(BaseModel):
    notification_id: UUID
    kind: str
    channel: str
    channel_id: UUID | None
    status: str
    reason: str | None
    about: UUID
    customer_id: str | None
    order_id: UUID | None
    code: str | None
    attempts: int
    requested_at: list[datetime]
    version: int


def show_notification(found: Notification, _now: datetime) -> NotificationView:
    return NotificationView(
        notification_id=found.id,
        kind=found.kind,
        channel=found.channel,
        channel_id=found.channel_id,
        status=found.status,
        reason=found.outcome,
        about=found.about,
        customer_id=found.customer_id or None,
        order_id=found.order_id,
        code=found.code,
        attempts=found.attempts,
        requested_at=list(found.requested_at),
        version=found.version,
    )
