"""Kinds and values of the unique keys that index checkouts."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from kernel.store.sort_keys import time_key

OPEN_CHECKOUT = "open_checkout"
"""Held by a checkout from its start to its end; the value is its start time and id, which sorts by time."""
CART_SALE = "cart_sale"
"""Held by the one checkout that captures for a cart; released only by its compensation."""

MOVED_DEADLINE = "moved_deadline"
"""Held by a checkout whose deadline is not the one of its start; the value is the deadline and the id."""
PUSH_PAYMENT = "push_payment"
"""One of a customer's places for payments that take hours or days; held until the attempt's checkout ends, or
tries another way to pay."""
PUSH_PAYMENTS = 2
"""How many checkouts of a customer may wait for such payments."""

UPSELL = "upsell"
"""Held for good by each checkout that was started for an upsell of an order; the value ends with its number.
The upsell is bought, or being bought, by the one that has not failed."""
UPSELL_TRIES = 3


def upsell_key(order_id: UUID, upsell_id: UUID, attempt: int) -> str:
    return f"{order_id}/{upsell_id}/{attempt}"


OPEN_REVIEW = "open_review"
"""Held by a checkout whose payment is in review; the value is the beginning of the review and the id."""


def review_key(checkout: Checkout) -> str:
    """Raises ``RuntimeError`` without a review."""
    if checkout.review is None:
        raise RuntimeError("the checkout was never in review")
    return f"{time_key(checkout.review.since)}/{checkout.id}"


def moved_deadline_key(checkout: Checkout) -> str:
    return f"{time_key(checkout.deadline or checkout.expires_at)}/{checkout.id}"


def push_payment_key(customer_id: str, place: int) -> str:
    return f"{place}/{customer_id}"


def open_checkout_key(checkout: Checkout) -> str:
    return f"{time_key(checkout.started_at)}/{checkout.id}"
