"""The kinds of notifications, and when one to a person is not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from checkout_saga.customers.domain.customer import Customer
from checkout_saga.notifications.domain.notification import Notification, is_over

CART_RECOVERY = "cart_recovery"


class CustomerKind(StrEnum):
    """Messages about orders and what belongs to them."""

    ORDER_CONFIRMATION = "order_confirmation"
    PAYMENT_PENDING = "payment_pending"
    PAYMENT_FAILED = "payment_failed"
    ORDER_SHIPPED = "order_shipped"
    ORDER_REFUNDED = "order_refunded"
    ORDER_CANCELLED = "order_cancelled"
    RETURN_APPROVED = "return_approved"
    SEAT_INVITATION = "seat_invitation"
    REWARD_GRANTED = "reward_granted"
    DOWNLOAD_READY = "download_ready"


class ShopKind(StrEnum):
    """Messages to the shop, by its channels."""

    CHECKOUT_FAILED = "checkout_failed"
    OPERATOR_NEEDED = "operator_needed"
    REFUND_STUCK = "refund_stuck"
    FULFILLMENT_FAILED = "fulfillment_failed"
    REVIEW_NEEDED = "review_needed"
    RECONCILIATION_DIFFERENCE = "reconciliation_difference"


OPTIONAL = frozenset({CustomerKind.ORDER_SHIPPED, CustomerKind.RETURN_APPROVED, CustomerKind.REWARD_GRANTED})
"""The kinds that a customer may switch off, besides those about carts. The others are owed."""

NO_CHANNEL, NO_ADDRESS, NO_CONSENT = "no_channel", "no_address", "no_consent"
ERASED, OVERTAKEN = "erased", "overtaken"
TOO_MANY, NO_PAGE = "too_many", "no_page"
"""Reasons of ``notification.skipped``, besides ``interval``."""


def _recovery(notification: Notification, customer: Customer, now: datetime) -> str | None:
    if notification.cart and is_over(notification.cart, now):
        return OVERTAKEN
    if customer.erased:
        return ERASED
    if customer.contact is None:
        return NO_CONSENT if customer.created else NO_ADDRESS
    wanted = customer.contact.recovery and customer.preferences.get(CART_RECOVERY, True)
    return None if wanted else NO_CONSENT


def _owed(_notification: Notification, customer: Customer, _now: datetime) -> str | None:
    if customer.erased:
        return ERASED
    return None if customer.personal or customer.contact else NO_ADDRESS


def _optional(notification: Notification, customer: Customer, now: datetime) -> str | None:
    if reason := _owed(notification, customer, now):
        return reason
    return None if customer.preferences.get(notification.kind, True) else NO_CONSENT


def _invitation(_notification: Notification, owner: Customer, _now: datetime) -> str | None:
    return ERASED if owner.erased else None


Rule = Callable[[Notification, Customer, datetime], str | None]
REASONS_TO_SKIP: Mapping[str, Rule] = MappingProxyType(
    {
        CART_RECOVERY: _recovery,
        **{it: _optional if it in OPTIONAL else _owed for it in CustomerKind},
        CustomerKind.SEAT_INVITATION: _invitation,
    }
)


def reason_to_skip(notification: Notification, customer: Customer, now: datetime) -> str | None:
    return REASONS_TO_SKIP[notification.kind](notification, customer, now)
