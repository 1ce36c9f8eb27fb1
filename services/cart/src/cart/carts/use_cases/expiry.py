"""End a lock and a cart whose time has passed."""

from __future__ import annotations

from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.abandonment import abandon_detached, keep_timers
from cart.carts.use_cases.cart_access import record_current_prices, release_expired_lock
from cart.carts.use_cases.index_keys import CART_EXPIRY, release_sessions
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from kernel.unit_of_work import UnitOfWork


async def expire_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    """A cart under a valid lock stays as it is, and expires when it is unlocked. A cart whose lock ends here
    records the current prices, because the repricing loop skips locked carts."""
    cart = await work.open(Cart, cart_id)
    lock_expired = cart.lock_is_over(work.now)
    await release_expired_lock(cart, work)
    if not expire_if_overdue(cart, work) and lock_expired:
        await record_current_prices(cart, work, catalogue)
        await abandon_detached(cart, work, catalogue)
    keep_timers(cart, work, policy)


def expire_if_overdue(cart: Cart, work: UnitOfWork) -> bool:
    if not cart.is_overdue(work.now):
        return False
    cart.expire()
    work.cancel_timer(CART_EXPIRY, cart.id)
    release_sessions(cart, work)
    return True
