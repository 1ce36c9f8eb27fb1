"""What a cart refuses a checkout by, as an answer over HTTP."""

from __future__ import annotations

from typing import Any

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.workflow import LOCK_CART
from kernel.domain import NotFound, Refused


class CartNotFound(NotFound):
    """There is no such cart."""

    code = "CART_NOT_FOUND"


class CartNotActive(Refused):
    """The cart is locked, converted, expired or merged: ``cart_status`` says which."""

    code = "CART_NOT_ACTIVE"


class CheckoutInProgress(Refused):
    """Another checkout holds the cart: ``checkout_id`` says which."""

    code = "CHECKOUT_IN_PROGRESS"


class CartHasCustomer(Refused):
    """``customer_id`` is whose the cart is."""

    code = "CART_HAS_CUSTOMER"


class PriceChanged(Refused):
    """The cart costs more ``now`` than it ``was`` shown at, or than the caller has agreed to. From here on it
    shows what it costs, and may be bought for that."""

    code = "PRICE_CHANGED"


class InvalidDiscountCode(Refused):
    """The code ``discount_code`` on the cart does not count any more, for this ``reason``."""

    code = "INVALID_DISCOUNT_CODE"


class WrongCurrency(Refused):
    """What the caller has agreed to is in another currency than the cart."""

    code = "INVALID_REQUEST"


class EmptyCart(Refused):
    """There is nothing in the cart."""

    code = "EMPTY_CART"


class MinOrderAmountNotMet(Refused):
    """The cart costs less than an order has to."""

    code = "MIN_ORDER_AMOUNT_NOT_MET"


class MaxOrderAmountExceeded(Refused):
    """The cart costs more than an order may."""

    code = "MAX_ORDER_AMOUNT_EXCEEDED"


OF_THE_LOCK = (
    CartNotFound,
    CartNotActive,
    CheckoutInProgress,
    CartHasCustomer,
    PriceChanged,
    InvalidDiscountCode,
    WrongCurrency,
    EmptyCart,
    MinOrderAmountNotMet,
    MaxOrderAmountExceeded,
)
EXPECTED_CURRENCY = "expected_total", "currency"
MEMBERS = {"held_by": "checkout_id"}
"""What a caller finds under another name than in the cart's answer."""
_BY_CODE: dict[str, type[Refused]] = {it.code: it for it in OF_THE_LOCK}


def refusal_of(checkout: Checkout) -> Refused | None:
    """The cart's refusal, if that is what ended the checkout."""
    failure = checkout.failure
    if failure is None or failure.phase != LOCK_CART or failure.code not in _BY_CODE:
        return None
    members: dict[str, Any] = {MEMBERS.get(name, name): it for name, it in failure.data.items()}
    field = EXPECTED_CURRENCY if failure.code == WrongCurrency.code else ()
    return _BY_CODE[failure.code](failure.detail, field=field, **members)
