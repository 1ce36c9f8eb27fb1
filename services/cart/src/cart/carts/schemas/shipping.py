"""The response bodies of a cart's shipping."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from cart.carts.use_cases.shipping import OfferedShipping
from contracts.views import Money, money


class ShippingOptionView(TypedDict):
    option_id: str
    name: str
    price: Money
    min_days: int | None
    max_days: int | None
    recommended: bool


class ShippingOptionsView(TypedDict):
    """``required`` is false if nothing in the cart is shipped. Without a destination there are no options.
    ``fallback``: shipping cannot be calculated at present, and the default rate is charged."""

    required: bool
    options: list[ShippingOptionView]
    fallback: bool


def show_offered(offered: OfferedShipping, _now: datetime) -> ShippingOptionsView:
    currency = offered.cart.currency
    return ShippingOptionsView(
        required=offered.required,
        options=[
            ShippingOptionView(
                option_id=str(it.option_id),
                name=it.name,
                price=money(it.price, currency),
                min_days=it.min_days,
                max_days=it.max_days,
                recommended=it.recommended,
            )
            for it in offered.options
        ],
        fallback=offered.is_fallback,
    )
