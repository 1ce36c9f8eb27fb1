"""Price several carts with one read of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.cart_access import PricedCart, priced_for_read
from cart.catalogue.ports import Catalogue
from kernel.unit_of_work import UnitOfWork


async def list_carts(
    cart_ids: Collection[UUID], work: UnitOfWork, catalogue: Catalogue
) -> dict[UUID, PricedCart]:
    carts = await work.open_many(Cart, cart_ids)
    products = {product_id for cart in carts.values() for product_id in cart.product_ids}
    codes = {promotion_id for cart in carts.values() for promotion_id in cart.codes}
    snapshot = await catalogue.read(work.context.tenant, products, codes)
    return {cart_id: priced_for_read(cart, snapshot, work) for cart_id, cart in carts.items()}
