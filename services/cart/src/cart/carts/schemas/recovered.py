"""The response body of a recovery link: a cart, without what identifies its owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from cart.carts.domain.upsells import Situation, after_abandonment, goods_of
from cart.carts.schemas.upsell_views import UpsellView, show_proposal
from cart.carts.schemas.views import DestinationView, DiscountView, ItemView, ShippingView, view
from cart.carts.use_cases.cart_access import PricedCart
from contracts.views import TotalsView

OWNER = ("session_id", "customer_id")


class RecoveredCartView(TypedDict):
    """A link may be forwarded, so it shows neither the session nor the customer. ``offers`` is what the
    funnels of the cart's offers propose after an abandonment."""

    cart_id: str
    status: str
    type: str
    destination: NotRequired[DestinationView]
    currency: str
    items: list[ItemView]
    discounts: list[DiscountView]
    totals: TotalsView
    shipping: NotRequired[ShippingView]
    metadata: dict[str, Any]
    expires_at: str
    abandoned_at: NotRequired[str]
    version: int
    offers: list[UpsellView]


def recovered_view(priced: PricedCart, now: datetime) -> RecoveredCartView:
    shown = {name: value for name, value in view(priced, now).items() if name not in OWNER}
    situation = Situation(priced.cart, priced.excerpt, goods_of(priced.sale), now)
    offers = [show_proposal(it) for it in after_abandonment(situation)]
    return cast(RecoveredCartView, shown | {"offers": offers})
