"""The cart's refusals of a lock, as refusals of this service's interface."""

from __future__ import annotations

from typing import Any

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import LOCK_CART
from checkout_saga.checkout.lock_refusals import REFUSALS_AT_LOCK
from kernel.domain import FieldPath, Refused

EXPECTED_CURRENCY = "expected_total", "currency"
GIFTS = ("gifts",)
TOKEN = "payment", "token"
MEMBERS = {"held_by": "checkout_id"}
"""Name of a field in the cart's reply -> its name in the response, where the two differ."""


class CartRefused(Refused):
    """The cart refused the lock; ``code`` is one of ``REFUSALS_AT_LOCK``."""

    def __init__(self, code: str, detail: str, *, field: FieldPath = (), **members: Any) -> None:
        super().__init__(detail, field=field, **members)
        self.code = code


def refusal_of(checkout: Checkout) -> CartRefused | None:
    """The refusal at the lock, if the checkout failed because of it. A code that
    ``REFUSALS_AT_LOCK`` does not list is shown in the ``failure`` of the checkout only."""
    failure = checkout.failure
    if failure is None or failure.phase != LOCK_CART or failure.code not in REFUSALS_AT_LOCK:
        return None
    members: dict[str, Any] = {MEMBERS.get(name, name): value for name, value in failure.data.items()}
    field: FieldPath = ()
    if failure.code == "INVALID_REQUEST":
        field = GIFTS if "gift_seats" in members else EXPECTED_CURRENCY
    elif failure.code == "PAYMENT_DETAILS_REQUIRED":
        field = TOKEN
    return CartRefused(failure.code, failure.detail, field=field, **members)
