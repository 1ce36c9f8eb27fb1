"""The codes with which a checkout ends at the lock of its cart: those of the cart, and what the checkout
itself finds once it knows the sale."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.lock_refusals import LOCK_REFUSALS, LockRefusal

REFUSALS_AT_LOCK: Mapping[str, LockRefusal] = MappingProxyType(
    {
        **LOCK_REFUSALS,
        "PAYMENT_DETAILS_REQUIRED": LockRefusal(
            422, "The payment method needs details that the request does not have, such as a token."
        ),
        "CURRENCY_NOT_SUPPORTED": LockRefusal(
            422, "The payment method does not take the cart's currency, or its amount."
        ),
    }
)
"""By code."""
