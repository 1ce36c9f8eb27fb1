"""Add a product to a cart, at the catalogue's price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cart.carts.domain.errors import InvalidQuantity, ProductNotFound
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
)
from cart.catalogue.ports import Catalogue
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AddItem:
    cart_id: UUID
    product_id: UUID
    quantity: int
    options: dict[str, Any]


async def add_item(command: AddItem, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    if command.quantity < 1:
        raise InvalidQuantity("At least one unit has to be added.")
    snapshot = await record_current_prices(
        cart,
        work,
        catalogue,
        product=command.product_id,
        until=lambda seen: seen.sells(command.product_id, cart.currency, cart.country),
    )
    product = snapshot.products.get(command.product_id)
    if product is None or not product.is_on_sale:
        raise ProductNotFound("There is no such product for sale.")
    cart.add_item(product, command.quantity, command.options)
    return priced_after_write(cart, snapshot, work)
