"""What a cart holds beside its facts, made again after its facts have been recovered."""

from __future__ import annotations

from cart.carts.domain.cart import Cart
from cart.carts.domain.status import Phase, Status
from cart.carts.use_cases.index_keys import (
    ABANDONMENT,
    CART_EXPIRY,
    CUSTOMER_CART,
    LOCK_EXPIRY,
    RECOVERY,
    SESSION,
    SESSION_CART,
    listed_under,
)
from kernel.unit_of_work import UnitOfWork


async def hold_again(cart: Cart, work: UnitOfWork) -> None:
    """Claim the cart's unique keys and set its timers. A timer that finds nothing to do does nothing, and one
    that fires early sets itself again."""
    for session in cart.all_sessions:
        work.claim_key(SESSION_CART, listed_under(session, cart.id), cart.id)
    if cart.customer_id is not None:
        work.claim_key(CUSTOMER_CART, listed_under(cart.customer_id, cart.id), cart.id)
    if not cart.is_open:
        return
    for session in cart.sessions:
        work.claim_key(SESSION, session, cart.id)
    work.set_timer(CART_EXPIRY, cart.id, cart.expires_at)
    if cart.status is Status.LOCKED and cart.lock and not cart.lock.held:
        work.set_timer(LOCK_EXPIRY, cart.id, cart.lock.expires_at)
    if cart.phase is Phase.ACTIVITY:
        work.set_timer(ABANDONMENT, cart.id, cart.last_activity_at)
    if cart.abandoned_at is not None:
        work.set_timer(RECOVERY, cart.id, cart.abandoned_at)
