"""Close a cart that nobody has bought in time; take it back first from a checkout that is too slow."""

from __future__ import annotations

from uuid import UUID

from cart.application.free_overdue_lock import free_overdue_lock
from cart.application.names import CART_EXPIRY, SESSION
from cart.domain.cart import Cart
from kernel.work import Work


async def expire_cart(cart_id: UUID, work: Work) -> None:
    """A cart that a checkout holds is left alone: it expires when the checkout gives it back."""
    cart = await work.open(Cart, cart_id)
    free_overdue_lock(cart, work)
    expire_if_overdue(cart, work)


def expire_if_overdue(cart: Cart, work: Work) -> bool:
    if not cart.is_overdue(work.now):
        return False
    cart.expire()
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.release_claim(SESSION, cart.session_id)
    return True
