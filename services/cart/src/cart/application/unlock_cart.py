"""Give a cart back to its customer; also when the checkout never had it."""

from __future__ import annotations

from cart.application.cart_at_hand import repriced
from cart.application.expire_cart import expire_if_overdue
from cart.application.names import LOCK_EXPIRY
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from cart.domain.lock_request import LockRequest, lock_request_id
from cart.domain.status import Status
from contracts import cart as contract
from kernel.work import Work


async def unlock_cart(command: contract.Unlock, work: Work, catalogue: Catalogue) -> None:
    cart = await work.open(Cart, command.cart_id)
    if cart.status is not Status.LOCKED or cart.holder != command.process_id:
        request = await work.open(LockRequest, lock_request_id(command.process_id))
        request.unlock(command.process_id, command.step, command.reason)
        return
    cart.unlock(command.process_id, command.step, command.reason)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    if not expire_if_overdue(cart, work):
        await repriced(cart, work, catalogue)
