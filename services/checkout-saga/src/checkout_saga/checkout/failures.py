"""The codes in ``failure`` of a checkout besides those of a refused lock of the cart, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping

FAILURES: Mapping[str, str] = {
    "INSUFFICIENT_INVENTORY": "There is not enough in stock: `shortages` has requested and available units.",
    "PROMOTION_LIMIT_REACHED": "A promotion has reached its limit of uses.",
    "INVALID_DISCOUNT_CODE": "A discount code is no longer valid: `reason` says why.",
    "PRICE_CHANGED": "The price is not the one that the cart showed: `was` and `now` are the two.",
    "PAYMENT_DECLINED": "The provider has declined the payment.",
    "INSUFFICIENT_FUNDS": "The provider has declined the payment for insufficient funds.",
    "CAPTURE_FAILED": "The provider has refused the capture, or an operator has found it not done.",
    "CHECKOUT_CANCELLED": "The customer or an operator cancelled the checkout.",
    "CHECKOUT_SESSION_EXPIRED": "The checkout was not completed in time.",
}
CANCELLATIONS = frozenset({"CHECKOUT_CANCELLED"})
