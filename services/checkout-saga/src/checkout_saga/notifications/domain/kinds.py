"""The kinds of notifications, and when one of them is not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from checkout_saga.customers.domain.customer import Customer
from checkout_saga.notifications.domain.notification import Notification, is_over

CART_RECOVERY = "cart_recovery"

NO_CHANNEL, NO_ADDRESS, NO_CONSENT = "no_channel", "no_address", "no_consent"
ERASED, OVERTAKEN = "erased", "overtaken"
"""Reasons of ``notification.skipped``."""


def _recovery(notification: Notification, customer: Customer, now: datetime) -> str | None:
    if notification.cart and is_over(notification.cart, now):
        return OVERTAKEN
    if customer.erased:
        return ERASED
    if customer.contact is None:
        return NO_CONSENT if customer.created else NO_ADDRESS
    return None if customer.contact.recovery else NO_CONSENT


REASONS_TO_SKIP: Mapping[str, Callable[[Notification, Customer, datetime], str | None]] = MappingProxyType(
    {CART_RECOVERY: _recovery}
)


def reason_to_skip(notification: Notification, customer: Customer, now: datetime) -> str | None:
    return REASONS_TO_SKIP[notification.kind](notification, customer, now)
