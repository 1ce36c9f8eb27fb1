"""Find a cart, and have it ready for a change: by today's time, and at today's prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from cart.application.ports import Catalogue
from cart.application.release_expired_lock import release_expired_lock
from cart.domain.cart import Cart
from cart.domain.catalogue import CatalogueSnapshot
from cart.domain.errors import CartNotFound
from cart.domain.totals import costs_now, prices_today
from contracts.cart import RepricedItem
from contracts.sale import Sale
from kernel.unit_of_work import UnitOfWork


class PricedCart(NamedTuple):
    """A cart, and what it costs: ``news`` are today's prices that it has not taken over yet, by item."""

    cart: Cart
    sale: Sale
    excerpt: CatalogueSnapshot
    not_applied: Mapping[UUID, str] = {}
    news: Mapping[UUID, RepricedItem] = {}
    is_frozen: bool = False


async def open_cart(cart_id: UUID, work: UnitOfWork) -> Cart:
    cart = await work.open(Cart, cart_id)
    if not cart.exists:
        raise CartNotFound("there is no such cart")
    return cart


async def open_active_cart(cart_id: UUID, work: UnitOfWork) -> Cart:
    cart = await open_cart(cart_id, work)
    release_expired_lock(cart, work)
    cart.must_be_active(work.now)
    return cart


async def with_current_prices(
    cart: Cart,
    work: UnitOfWork,
    catalogue: Catalogue,
    *,
    product: UUID | None = None,
    code: str | None = None,
    until: Callable[[CatalogueSnapshot], bool] | None = None,
) -> CatalogueSnapshot:
    """Take over today's prices; tell what the catalogue says of this cart, and of what may come into it."""
    products = cart.product_ids | ({product} if product else set())
    excerpt = await catalogue.excerpt(
        work.context.tenant, products, tuple(cart.codes), code=code, until=until
    )
    cart.reprice(cart.price_changes(prices_today(cart, excerpt)))
    return excerpt


def shown(cart: Cart, excerpt: CatalogueSnapshot, work: UnitOfWork) -> PricedCart:
    """A cart that has taken over today's prices."""
    costs = costs_now(cart, excerpt, work.now)
    return PricedCart(cart, costs.sale, excerpt, costs.not_applied)


def seen(cart: Cart, excerpt: CatalogueSnapshot, work: UnitOfWork) -> PricedCart:
    """A cart that is only looked at. What a checkout has frozen stays as it is; anything else costs what it
    costs now, whether the cart has taken that over or not."""
    lock = None if cart.lock_is_over(work.now) else cart.lock
    if lock:
        return PricedCart(cart, lock.sale, excerpt, is_frozen=True)
    news = cart.price_changes(prices_today(cart, excerpt))
    costs = costs_now(cart, excerpt, work.now, news)
    return PricedCart(cart, costs.sale, excerpt, costs.not_applied, {it.item_id: it for it in news})
