"""What is put into a cart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cart.carts.domain.line import item_id_of
from cart.carts.domain.prices import UnitPrice
from cart.catalogue.domain.products import Product
from contracts.sale import Exposure


@dataclass(frozen=True, slots=True)
class NewItem:
    """``price``: what one of the quantity costs; None if it is not sold in the cart's currency. ``units`` of
    the product are in one of the quantity."""

    product: Product
    price: UnitPrice | None
    quantity: int
    options: dict[str, Any] = field(default_factory=dict)
    offer_id: UUID | None = None
    upsell_id: UUID | None = None
    units: int = 1
    gift_seats: int = 0
    experiment: Exposure | None = None

    def item_id_in(self, cart_id: UUID) -> UUID:
        """The line that it becomes, or is added to."""
        return item_id_of(cart_id, self.product.product_id, self.options, self.offer_id, self.upsell_id)
