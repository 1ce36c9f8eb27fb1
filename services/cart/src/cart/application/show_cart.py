"""Show a cart as it is, and what it costs now."""

from __future__ import annotations

from uuid import UUID

from cart.application.cart_at_hand import Shown, existing_cart, seen
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from kernel.work import Work


async def show_cart(cart_id: UUID, work: Work, catalogue: Catalogue) -> Shown:
    return await show(await existing_cart(cart_id, work), work, catalogue)


async def show(cart: Cart, work: Work, catalogue: Catalogue) -> Shown:
    excerpt = await catalogue.excerpt(work.context.tenant, cart.product_ids, tuple(cart.codes))
    return seen(cart, excerpt, work)
