"""Show a cart as it is, and what it costs now."""

from __future__ import annotations

from uuid import UUID

from cart.application.cart_access import PricedCart, open_cart, seen
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from kernel.unit_of_work import UnitOfWork


async def show_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    return await show(await open_cart(cart_id, work), work, catalogue)


async def show(cart: Cart, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    excerpt = await catalogue.excerpt(work.context.tenant, cart.product_ids, tuple(cart.codes))
    return seen(cart, excerpt, work)
