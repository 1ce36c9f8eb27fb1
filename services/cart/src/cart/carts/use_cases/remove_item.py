"""Remove a line from a cart."""

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
class RemoveItem:
    cart_id: UUID
    item_id: UUID


async def remove_item(command: RemoveItem, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    snapshot = await record_current_prices(cart, work, catalogue)
    cart.remove_item(command.item_id)
    return priced_after_write(cart, snapshot, work)
