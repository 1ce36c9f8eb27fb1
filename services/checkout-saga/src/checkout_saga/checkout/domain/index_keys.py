"""Kinds and values of the unique keys that index checkouts."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from kernel.store.sort_keys import time_key

OPEN_CHECKOUT = "open_checkout"
"""Held by a checkout from its start to its end; the value is its start time and id, which sorts by time."""
CART_SALE = "cart_sale"
"""Held by the one checkout that captures for a cart; released only by its compensation."""


def open_checkout_key(checkout: Checkout) -> str:
    return f"{time_key(checkout.started_at)}/{checkout.id}"
