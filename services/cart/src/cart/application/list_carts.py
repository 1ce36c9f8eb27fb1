"""Show many carts at once, each with what it costs now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cart.application.cart_access import PricedCart, seen
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from kernel.unit_of_work import UnitOfWork


async def list_carts(
    cart_ids: Collection[UUID], work: UnitOfWork, catalogue: Catalogue
) -> dict[UUID, PricedCart]:
    carts = await work.open_many(Cart, cart_ids)
    products = {product for cart in carts.values() for product in cart.product_ids}
    codes = {promotion for cart in carts.values() for promotion in cart.codes}
    excerpt = await catalogue.excerpt(work.context.tenant, products, codes)
    return {cart_id: seen(cart, excerpt, work) for cart_id, cart in carts.items()}
