"""Close a cart that nobody has bought in time; take it back first from a checkout that is too slow."""

from __future__ import annotations

from uuid import UUID

from cart.application.cart_at_hand import repriced
from cart.application.free_overdue_lock import free_overdue_lock
from cart.application.names import CART_EXPIRY, SESSION
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from kernel.work import Work


async def expire_cart(cart_id: UUID, work: Work, catalogue: Catalogue) -> None:
    """A cart that a checkout holds is left alone: it expires when the checkout gives it back. One whose lock
    has lapsed takes over the prices that have changed under it: the loop that reprices has passed it by."""
    cart = await work.open(Cart, cart_id)
    lapsed = cart.lock_is_over(work.now)
    free_overdue_lock(cart, work)
    if not expire_if_overdue(cart, work) and lapsed:
        await repriced(cart, work, catalogue)


def expire_if_overdue(cart: Cart, work: Work) -> bool:
    if not cart.is_overdue(work.now):
        return False
    cart.expire()
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.release_claim(SESSION, cart.session_id)
    return True
