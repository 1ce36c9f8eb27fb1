"""The response body of a recovery link: a cart, without what identifies its owner."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from cart.carts.domain.upsells import Situation, after_abandonment, goods_of
from cart.carts.schemas.upsell_views import UpsellView, show_proposal
from cart.carts.schemas.views import UnownedCartView, view
from cart.carts.use_cases.cart_access import PricedCart

OWNER = ("session_id", "customer_id")


class RecoveredCartView(UnownedCartView):
    """A link may be forwarded, so it shows neither the session nor the customer. ``offers`` is what the
    funnels of the cart's offers propose after an abandonment."""

    offers: list[UpsellView]


def recovered_view(priced: PricedCart, now: datetime) -> RecoveredCartView:
    shown = {name: value for name, value in view(priced, now).items() if name not in OWNER}
    situation = Situation(priced.cart, priced.excerpt, goods_of(priced.sale), now)
    offers = [show_proposal(it) for it in after_abandonment(situation)]
    return cast(RecoveredCartView, shown | {"offers": offers})
