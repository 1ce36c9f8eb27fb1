"""Change how many units a line of a cart holds; 0 removes the line."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
)
from cart.catalogue.ports import Catalogue
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    cart_id: UUID
    item_id: UUID
    quantity: int


async def change_quantity(command: ChangeQuantity, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    snapshot = await record_current_prices(cart, work, catalogue)
    if command.quantity == 0:
        cart.remove_item(command.item_id)
    else:
        product = snapshot.products[cart.product_of(command.item_id)]
        cart.change_quantity(command.item_id, product, command.quantity)
    return priced_after_write(cart, snapshot, work)
