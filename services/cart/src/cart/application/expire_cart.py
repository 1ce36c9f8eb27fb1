"""Close a cart that nobody has bought in time; take it back first from a checkout that is too slow."""

from __future__ import annotations

from uuid import UUID

from cart.application.cart_access import with_current_prices
from cart.application.index_keys import CART_EXPIRY, SESSION
from cart.application.ports import Catalogue
from cart.application.release_expired_lock import release_expired_lock
from cart.domain.cart import Cart
from kernel.unit_of_work import UnitOfWork


async def expire_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> None:
    """A cart that a checkout holds is left alone: it expires when the checkout gives it back. One whose lock
    has lapsed takes over the prices that have changed under it: the loop that reprices has passed it by."""
    cart = await work.open(Cart, cart_id)
    lapsed = cart.lock_is_over(work.now)
    release_expired_lock(cart, work)
    if not expire_if_overdue(cart, work) and lapsed:
        await with_current_prices(cart, work, catalogue)


def expire_if_overdue(cart: Cart, work: UnitOfWork) -> bool:
    if not cart.is_overdue(work.now):
        return False
    cart.expire()
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.release_key(SESSION, cart.session_id)
    return True
