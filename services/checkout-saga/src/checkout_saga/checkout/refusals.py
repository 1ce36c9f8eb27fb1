"""The cart's refusals of a lock, as refusals of this service's interface."""

from __future__ import annotations

from typing import Any

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import LOCK_CART
from contracts.lock_refusals import LOCK_REFUSALS
from kernel.domain import FieldPath, Refused

EXPECTED_CURRENCY = "expected_total", "currency"
GIFTS = ("gifts",)
MEMBERS = {"held_by": "checkout_id"}
"""Name of a field in the cart's reply -> its name in the response, where the two differ."""


class CartRefused(Refused):
    """The cart refused the lock; ``code`` is one of ``LOCK_REFUSALS``."""

    def __init__(self, code: str, detail: str, *, field: FieldPath = (), **members: Any) -> None:
        super().__init__(detail, field=field, **members)
        self.code = code


def refusal_of(checkout: Checkout) -> CartRefused | None:
    """The cart's refusal, if the checkout failed because of it. A code that ``LOCK_REFUSALS`` does not list
    is shown in the ``failure`` of the checkout only."""
    failure = checkout.failure
    if failure is None or failure.phase != LOCK_CART or failure.code not in LOCK_REFUSALS:
        return None
    members: dict[str, Any] = {MEMBERS.get(name, name): value for name, value in failure.data.items()}
    field: FieldPath = ()
    if failure.code == "INVALID_REQUEST":
        field = GIFTS if "gift_seats" in members else EXPECTED_CURRENCY
    return CartRefused(failure.code, failure.detail, field=field, **members)
