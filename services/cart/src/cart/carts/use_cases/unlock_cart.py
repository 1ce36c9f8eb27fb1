"""Unlock a cart; if the checkout does not hold it, the answer leaves the cart as it is."""

from __future__ import annotations

from cart.carts.domain.cart import Cart
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.domain.status import Status
from cart.carts.use_cases.cart_access import record_current_prices
from cart.carts.use_cases.expire_cart import expire_if_overdue
from cart.carts.use_cases.index_keys import LOCK_EXPIRY
from cart.catalogue.ports import Catalogue
from contracts import cart as contract
from kernel.unit_of_work import UnitOfWork


async def unlock_cart(command: contract.Unlock, work: UnitOfWork, catalogue: Catalogue) -> None:
    cart = await work.open(Cart, command.cart_id)
    if cart.status is not Status.LOCKED or cart.holder != command.process_id:
        attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
        attempt.unlock(command.process_id, command.step, command.reason)
        return
    cart.unlock(command.process_id, command.step, command.reason)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    if not expire_if_overdue(cart, work):
        await record_current_prices(cart, work, catalogue)
