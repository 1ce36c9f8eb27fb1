"""Change how many units a line of a cart holds; none removes it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.application.cart_access import PricedCart, open_active_cart, shown, with_current_prices
from cart.application.ports import Catalogue
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    cart_id: UUID
    item_id: UUID
    quantity: int


async def change_quantity(command: ChangeQuantity, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    excerpt = await with_current_prices(cart, work, catalogue)
    if command.quantity == 0:
        cart.remove_item(command.item_id)
    else:
        product = excerpt.products[cart.product_of(command.item_id)]
        cart.change_quantity(command.item_id, product, command.quantity)
    return shown(cart, excerpt, work)
