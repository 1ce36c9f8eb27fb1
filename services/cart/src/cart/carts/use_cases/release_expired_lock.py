"""Unlock a cart whose lock has expired."""

from __future__ import annotations

from cart.carts.domain.cart import Cart
from cart.carts.use_cases.index_keys import LOCK_EXPIRY
from kernel.unit_of_work import UnitOfWork

REASON = "lock expired"


def release_expired_lock(cart: Cart, work: UnitOfWork) -> None:
    """Called by the timer, by each HTTP request that changes the cart and by ``cart.lock``; the first of them
    after the expiry unlocks the cart."""
    if cart.lock is None or not cart.lock_is_over(work.now):
        return
    lock = cart.lock
    cart.unlock(lock.checkout_id, lock.step, REASON)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
