"""The unique keys by which messages are listed."""

from __future__ import annotations

from datetime import datetime

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.notifications.domain.notification import Notification
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

ORDER_NOTIFICATION = "order_notification"
"""Lists an order's messages by time; the value is the order, the time and the message."""
CUSTOMER_NOTIFICATION = "customer_notification"
"""Lists a customer's messages by time; the value begins with the customer's stream, since ids of customers
may have slashes."""
NOTIFICATION_NEEDING_ATTENTION = "notification_to_see_to"
"""Held by a message while its outcome is unknown; the value is since when, and the message."""


# failpoint: none needed (intent)
def list_notification(notification: Notification, work: UnitOfWork) -> None:
    at = f"{time_key(notification.requested_at[0])}/{notification.id}"
    if notification.order_id:
        work.claim_key(ORDER_NOTIFICATION, f"{notification.order_id}/{at}", notification.id)
    if notification.customer_id:
        prefix = customer_prefix(work.context.tenant, notification.customer_id)
        work.claim_key(CUSTOMER_NOTIFICATION, f"{prefix}{at}", notification.id)


# failpoint: none needed (intent)
def update_attention_list(
    notification: Notification, unknown_since: datetime | None, work: UnitOfWork
) -> None:
    """Keep the index of messages whose outcome is unknown. ``unknown_since``: as it was before."""
    since = notification.unknown_since
    if unknown_since is not None and since != unknown_since:
        work.release_key(NOTIFICATION_NEEDING_ATTENTION, _attention_key(notification, unknown_since))
    if since is not None and since != unknown_since:
        work.claim_key(NOTIFICATION_NEEDING_ATTENTION, _attention_key(notification, since), notification.id)


def _attention_key(notification: Notification, since: datetime) -> str:
    return f"{time_key(since)}/{notification.id}"


def customer_prefix(tenant: str, customer_id: str) -> str:
    return f"{customer_stream_id(tenant, customer_id)}/"
