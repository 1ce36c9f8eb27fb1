"""The cart's refusals of a lock, as refusals of this service's interface."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.workflow import LOCK_CART
from kernel.domain import FieldPath, Refused


class CartRefusal(NamedTuple):
    """``means`` stands in the interface description and in docs/errors.md."""

    status: int
    means: str


CART_REFUSALS: Mapping[str, CartRefusal] = MappingProxyType(
    {
        "CART_NOT_FOUND": CartRefusal(404, "There is no such cart."),
        "CART_NOT_ACTIVE": CartRefusal(
            409, "The cart is locked, converted, expired or merged: `cart_status` says which."
        ),
        "CHECKOUT_IN_PROGRESS": CartRefusal(
            409, "Another checkout holds the cart: `checkout_id` says which."
        ),
        "CART_HAS_CUSTOMER": CartRefusal(409, "The cart belongs to the customer `customer_id`."),
        "PRICE_CHANGED": CartRefusal(
            409,
            "The cart costs more `now` than it `was` shown at, or than the caller has agreed to. From here "
            "on it shows what it costs, and can be bought for that.",
        ),
        "INVALID_DISCOUNT_CODE": CartRefusal(
            422, "The discount code `discount_code` on the cart is no longer valid: `reason` says why."
        ),
        "INVALID_REQUEST": CartRefusal(422, "The expected total is in another currency than the cart."),
        "EMPTY_CART": CartRefusal(422, "The cart is empty."),
        "MIN_ORDER_AMOUNT_NOT_MET": CartRefusal(422, "The cart costs less than the minimum of an order."),
        "MAX_ORDER_AMOUNT_EXCEEDED": CartRefusal(422, "The cart costs more than the maximum of an order."),
    }
)
"""By code. A code that is not listed is shown in the ``failure`` of the checkout only."""
EXPECTED_CURRENCY = "expected_total", "currency"
MEMBERS = {"held_by": "checkout_id"}
"""Name of a field in the cart's reply -> its name in the response, where the two differ."""


class CartRefused(Refused):
    """The cart refused the lock; ``code`` is one of ``CART_REFUSALS``."""

    def __init__(self, code: str, detail: str, *, field: FieldPath = (), **members: Any) -> None:
        super().__init__(detail, field=field, **members)
        self.code = code


def refusal_of(checkout: Checkout) -> CartRefused | None:
    """The cart's refusal, if the checkout failed because of it."""
    failure = checkout.failure
    if failure is None or failure.phase != LOCK_CART or failure.code not in CART_REFUSALS:
        return None
    members: dict[str, Any] = {MEMBERS.get(name, name): value for name, value in failure.data.items()}
    field = EXPECTED_CURRENCY if failure.code == "INVALID_REQUEST" else ()
    return CartRefused(failure.code, failure.detail, field=field, **members)
