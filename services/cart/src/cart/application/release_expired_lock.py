"""Give a cart back to its customer when the checkout that holds it has taken too long."""

from __future__ import annotations

from cart.application.index_keys import LOCK_EXPIRY
from cart.domain.cart import Cart
from kernel.unit_of_work import UnitOfWork

REASON = "lock expired"


def release_expired_lock(cart: Cart, work: UnitOfWork) -> None:
    """Whoever comes first does it, the timer or the next request; nothing happens before its time."""
    if cart.lock is None or not cart.lock_is_over(work.now):
        return
    lock = cart.lock
    cart.unlock(lock.checkout_id, lock.step, REASON)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
