"""Open a cart for a use case, and price it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CATALOGUE, PARENT_REMOVED, QUANTITY
from cart.carts.domain.errors import CartNotFound
from cart.carts.domain.prices import UnitPrice, current_prices
from cart.carts.domain.totals import calculate_totals
from cart.carts.domain.upsells import Situation, goods_of, newly_eligible
from cart.carts.use_cases.index_keys import LOCK_EXPIRY, take_sessions_back
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt, Wanted
from contracts.cart import ProposedUpsell, RepricedItem
from contracts.sale import Sale
from kernel.unit_of_work import UnitOfWork
from pricing.priced import Priced
from pricing.referral_snapshots import snapshots

LOCK_EXPIRED = "lock expired"
BY_ACTIVITY = "activity"


class PricedCart(NamedTuple):
    """A cart with its totals. ``pending_prices``: prices that are valid already and that the cart has not
    recorded yet, by item. ``prices``: what the catalogue says of each item; None if it is not sold any more.
    ``is_frozen``: a checkout holds or has bought it, at the totals of its lock. ``priced``: how the amounts
    came about; None for a frozen one."""

    cart: Cart
    sale: Sale
    excerpt: CatalogueExcerpt
    not_applied: Mapping[UUID, str] = {}
    pending_prices: Mapping[UUID, RepricedItem] = {}
    prices: Mapping[UUID, UnitPrice | None] = {}
    is_frozen: bool = False
    priced: Priced | None = None

    @property
    def version(self) -> int:
        return self.cart.version


async def open_cart(cart_id: UUID, work: UnitOfWork) -> Cart:
    """The cart, in any status. Raises CartNotFound."""
    cart = await work.open(Cart, cart_id)
    if not cart.exists:
        raise CartNotFound("There is no such cart.")
    return cart


async def open_active_cart(cart_id: UUID, work: UnitOfWork) -> Cart:
    """A cart that may be changed, without a lock that has expired; an abandoned one is active again.

    Raises CartNotFound, CartNotActive.
    """
    cart = await open_cart(cart_id, work)
    await release_expired_lock(cart, work)
    cart.must_be_active(work.now)
    cart.reactivate(BY_ACTIVITY)
    return cart


async def release_expired_lock(cart: Cart, work: UnitOfWork) -> None:
    """Unlock a cart whose lock has expired.

    Called by the timer, by each HTTP request that changes the cart and by ``cart.lock``; the first of them
    after the expiry unlocks the cart.
    """
    if cart.lock is None or not cart.lock_is_over(work.now):
        return
    lock = cart.lock
    detached = not await take_sessions_back(cart, work)
    cart.unlock(lock.checkout_id, lock.step, LOCK_EXPIRED, detached=detached)
    work.cancel_timer(LOCK_EXPIRY, cart.id)


def wanted_by(*carts: Cart, buyer: str | None = None) -> Wanted:
    """What of the catalogue prices these carts. ``buyer``: the customer of a cart that has none yet."""
    lines = [line for cart in carts for line in cart.lines.values()]
    customers = {cart.customer_id for cart in carts} | {buyer}
    return Wanted(
        products={line.product_id for line in lines},
        promotions={promotion_id for cart in carts for promotion_id in cart.codes},
        offers={line.offer_id for line in lines if line.offer_id is not None},
        upsells={line.upsell_id for line in lines if line.upsell_id is not None},
        customers={it for it in customers if it is not None},
    )


async def record_current_prices(
    cart: Cart,
    work: UnitOfWork,
    catalogue: Catalogue,
    *,
    wanted: Wanted | None = None,
    until: Callable[[CatalogueExcerpt], bool] | None = None,
) -> CatalogueExcerpt:
    """Record the catalogue's current prices in the cart. Return what the catalogue has of what is ``wanted``,
    which is what the cart holds and what may be added to it; see ``Catalogue.read`` for ``until``."""
    excerpt = await catalogue.read(work.context.tenant, wanted or wanted_by(cart), until=until)
    record_prices(cart, excerpt, work, CATALOGUE)
    return excerpt


def record_prices(
    cart: Cart, excerpt: CatalogueExcerpt, work: UnitOfWork, reason: str, buyer: str | None = None
) -> Mapping[UUID, UnitPrice | None]:
    """Record the prices that have changed for this ``reason``, or because an offer has left the cart. Return
    all current ones, by item."""
    prices = current_prices(cart, excerpt, work.now, buyer)
    changes = cart.price_changes(prices)
    if reason == CATALOGUE or not changes:
        cart.reprice(changes, reason)
        return prices
    left = {item_id for item_id, price in prices.items() if price and price.parent_removed}
    cart.reprice(tuple(it for it in changes if it.item_id not in left), reason)
    cart.reprice(tuple(it for it in changes if it.item_id in left), PARENT_REMOVED)
    return prices


async def open_repriced_cart(
    cart_id: UUID, work: UnitOfWork, catalogue: Catalogue
) -> tuple[Cart, CatalogueExcerpt]:
    """A cart that may be changed, with the current prices recorded. Raises CartNotFound, CartNotActive."""
    cart = await open_active_cart(cart_id, work)
    return cart, await record_current_prices(cart, work, catalogue)


def priced_after_write(
    cart: Cart, excerpt: CatalogueExcerpt, work: UnitOfWork, reason: str = QUANTITY
) -> PricedCart:
    """The cart after a change that has recorded the current prices. The change itself may have other prices
    as a consequence: they are recorded with its ``reason``. So are upsells that may be proposed now for the
    first time."""
    prices = record_prices(cart, excerpt, work, reason)
    totals = calculate_totals(cart, excerpt, work.now)
    record_shipping(cart, totals.sale)
    record_referrals(cart, totals.sale, excerpt, work)
    situation = Situation(cart, excerpt, goods_of(totals.sale), work.now)
    cart.offer_upsells(
        [ProposedUpsell(offer_id=it.offer_id, upsell_id=it.upsell_id) for it in newly_eligible(situation)]
    )
    return PricedCart(cart, totals.sale, excerpt, totals.not_applied, prices=prices, priced=totals.priced)


def record_referrals(
    cart: Cart, sale: Sale, excerpt: CatalogueExcerpt, work: UnitOfWork, buyer: str | None = None
) -> None:
    """Record which referral discounts the sale contains, and why."""
    customer = excerpt.customer(cart.customer_id or buyer)
    grants = customer.referral_discounts(work.now) if customer else []
    cart.show_referrals(snapshots(sale, grants, work.now, cart_id=cart.id))


def record_shipping(cart: Cart, sale: Sale) -> None:
    """Record how the sale is shipped: by the recommended option, if none was chosen or the chosen one does
    not fit any more."""
    if shipped := sale.shipping:
        cart.choose_shipping(shipped.option_id, shipped.name, automatic=True, fallback=shipped.fallback)


def priced_for_read(cart: Cart, excerpt: CatalogueExcerpt, work: UnitOfWork) -> PricedCart:
    """The cart for a read; see ``priced_at``."""
    return priced_at(cart, excerpt, work.now)


def priced_at(cart: Cart, excerpt: CatalogueExcerpt, now: datetime) -> PricedCart:
    """The cart as it is shown at a moment. A cart that a checkout holds or has bought keeps the totals of its
    lock; any other has the prices of the moment, recorded or not."""
    lock = None if cart.lock_is_over(now) else cart.lock
    if lock:
        return PricedCart(cart, lock.sale, excerpt, is_frozen=True)
    prices = current_prices(cart, excerpt, now)
    pending = cart.price_changes(prices)
    totals = calculate_totals(cart, excerpt, now, pending)
    by_item = {change.item_id: change for change in pending}
    return PricedCart(cart, totals.sale, excerpt, totals.not_applied, by_item, prices, priced=totals.priced)
