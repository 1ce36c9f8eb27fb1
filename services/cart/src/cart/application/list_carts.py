"""Show many carts at once, each with what it costs now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cart.application.cart_at_hand import Shown, seen
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from kernel.work import Work


async def list_carts(cart_ids: Collection[UUID], work: Work, catalogue: Catalogue) -> dict[UUID, Shown]:
    carts = await work.open_many(Cart, cart_ids)
    products = {product for cart in carts.values() for product in cart.product_ids}
    codes = {promotion for cart in carts.values() for promotion in cart.codes}
    excerpt = await catalogue.excerpt(work.context.tenant, products, codes)
    return {cart_id: seen(cart, excerpt, work) for cart_id, cart in carts.items()}
