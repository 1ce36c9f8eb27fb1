"""Take over today's prices in many open carts at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from cart.domain.status import Status
from cart.domain.totals import prices_today
from kernel.unit_of_work import UnitOfWork


async def reprice_carts(cart_ids: Collection[UUID], work: UnitOfWork, catalogue: Catalogue) -> None:
    """One that a checkout holds keeps its prices, and takes over today's when it is given back."""
    carts = [it for it in (await work.open_many(Cart, cart_ids)).values() if _is_free(it, work)]
    products = {product for cart in carts for product in cart.product_ids}
    excerpt = await catalogue.excerpt(work.context.tenant, products, ())
    for cart in carts:
        cart.reprice(cart.price_changes(prices_today(cart, excerpt)))


def _is_free(cart: Cart, work: UnitOfWork) -> bool:
    return cart.exists and cart.status is Status.ACTIVE and not cart.is_overdue(work.now)
