"""The rules by which a cart refuses a lock: the codes of ``cart.lock_refused``.

The cart refuses by them, and a checkout that fails because of one responds with its code and status. What a
checkout itself finds once it knows the sale, such as a currency that the payment method does not take, is
added in checkout-saga.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class LockRefusal(NamedTuple):
    """``status``: of the HTTP response, of the cart's interface and of the checkout's. ``means``: in the
    description of the checkout's interface and in docs/errors.md."""

    status: int
    means: str


LOCK_REFUSALS: Mapping[str, LockRefusal] = MappingProxyType(
    {
        "CART_NOT_FOUND": LockRefusal(404, "There is no such cart."),
        "CART_NOT_ACTIVE": LockRefusal(
            409, "The cart is locked, converted, expired or merged: `cart_status` says which."
        ),
        "CHECKOUT_IN_PROGRESS": LockRefusal(
            409, "Another checkout holds the cart: `checkout_id` says which."
        ),
        "CART_HAS_CUSTOMER": LockRefusal(409, "The cart belongs to the customer `customer_id`."),
        "PRICE_CHANGED": LockRefusal(
            409,
            "The cart costs more `now` than it `was` shown at, or than the caller has agreed to. From here "
            "on it shows what it costs, and can be bought for that.",
        ),
        "INVALID_DISCOUNT_CODE": LockRefusal(
            422, "The discount code `discount_code` on the cart is no longer valid: `reason` says why."
        ),
        "INVALID_REQUEST": LockRefusal(
            422,
            "The expected total is in another currency than the cart, or a line has more recipients than "
            "gift seats.",
        ),
        "SHIPPING_ADDRESS_REQUIRED": LockRefusal(
            422, "Something in the cart is shipped, and no destination is known."
        ),
        "SHIPPING_OPTION_NOT_AVAILABLE": LockRefusal(
            422, "Something in the cart is shipped, and none of the shop's rates ships it to the destination."
        ),
        "PREREQUISITES_NOT_MET": LockRefusal(
            409, "The customer lacks qualifications for a certification: `missing` says which."
        ),
        "EMPTY_CART": LockRefusal(422, "The cart is empty."),
        "MIN_ORDER_AMOUNT_NOT_MET": LockRefusal(422, "The cart costs less than the minimum of an order."),
        "MAX_ORDER_AMOUNT_EXCEEDED": LockRefusal(422, "The cart costs more than the maximum of an order."),
    }
)
"""By code."""
