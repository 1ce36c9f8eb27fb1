"""Set the destination of a cart's goods, which decides on its prices and taxes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.carts.domain.cart_state import DESTINATION
from cart.carts.domain.totals import current_prices
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
)
from cart.catalogue.ports import Catalogue
from contracts.sale import Destination
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SetDestination:
    cart_id: UUID
    destination: Destination


async def set_destination(command: SetDestination, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    cart = await open_active_cart(command.cart_id, work)
    snapshot = await record_current_prices(cart, work, catalogue)
    cart.set_destination(command.destination)
    cart.reprice(cart.price_changes(current_prices(cart, snapshot)), DESTINATION)
    return priced_after_write(cart, snapshot, work)
