"""Read a cart with its current totals."""

from __future__ import annotations

from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.cart_access import PricedCart, open_cart, priced_for_read
from cart.catalogue.ports import Catalogue
from kernel.unit_of_work import UnitOfWork


async def show_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    return await show(await open_cart(cart_id, work), work, catalogue)


async def show(cart: Cart, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    snapshot = await catalogue.read(work.context.tenant, cart.product_ids, tuple(cart.codes))
    return priced_for_read(cart, snapshot, work)
