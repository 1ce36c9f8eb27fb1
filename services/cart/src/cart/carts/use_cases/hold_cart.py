"""Hold a locked cart for the capture: its lock no longer expires, so that the cart cannot be sold twice
however late the capture ends."""

from __future__ import annotations

from cart.carts.domain.cart import Cart
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.domain.status import Status
from cart.carts.use_cases.index_keys import LOCK_EXPIRY
from contracts import cart as contract
from kernel.unit_of_work import UnitOfWork


async def hold_cart(command: contract.Hold, work: UnitOfWork) -> None:
    cart = await work.open(Cart, command.cart_id)
    if cart.status is Status.LOCKED and cart.holder == command.process_id:
        cart.hold_for(command.process_id, command.step)
        work.cancel_timer(LOCK_EXPIRY, cart.id)
    else:
        attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
        attempt.refuse_hold(command.process_id, command.step, cart.status)
