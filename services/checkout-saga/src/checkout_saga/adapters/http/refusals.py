"""What a cart refuses a checkout by, as an answer over HTTP."""

from __future__ import annotations

from typing import Any

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.definition import LOCK_CART
from kernel.domain import NotFound, Refused


class CartNotFound(NotFound):
    code = "CART_NOT_FOUND"


class CartNotActive(Refused):
    code = "CART_NOT_ACTIVE"


class CheckoutInProgress(Refused):
    code = "CHECKOUT_IN_PROGRESS"


class EmptyCart(Refused):
    status = 422
    code = "EMPTY_CART"


class MinOrderAmountNotMet(Refused):
    status = 422
    code = "MIN_ORDER_AMOUNT_NOT_MET"


class MaxOrderAmountExceeded(Refused):
    status = 422
    code = "MAX_ORDER_AMOUNT_EXCEEDED"


OF_THE_LOCK = (
    CartNotFound,
    CartNotActive,
    CheckoutInProgress,
    EmptyCart,
    MinOrderAmountNotMet,
    MaxOrderAmountExceeded,
)
_BY_CODE: dict[str, type[Refused]] = {it.code: it for it in OF_THE_LOCK}


def refusal_of(checkout: Checkout) -> Refused | None:
    """The cart's refusal, if that is what ended the checkout."""
    failure = checkout.failure
    if failure is None or failure.phase != LOCK_CART or failure.code not in _BY_CODE:
        return None
    members: dict[str, Any] = {}
    if "held_by" in failure.data:
        members["checkout_id"] = failure.data["held_by"]
    if "cart_status" in failure.data:
        members["cart_status"] = failure.data["cart_status"]
    return _BY_CODE[failure.code](failure.detail, **members)
