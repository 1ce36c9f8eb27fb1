"""Close a cart that has become an order."""

from __future__ import annotations

from cart.application.cart_access import open_cart
from cart.application.index_keys import CART_EXPIRY, LOCK_EXPIRY, SESSION
from cart.domain.cart import Cart
from cart.domain.errors import CartNotActive, CheckoutInProgress
from cart.domain.lock_attempt import LockAttempt, lock_request_id
from cart.domain.status import Status
from contracts import cart as contract
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork


async def convert_cart(command: contract.Convert, work: UnitOfWork) -> None:
    request = await work.open(LockAttempt, lock_request_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if cart.status is Status.CONVERTED and cart.holder == command.process_id:
        request.repeat_conversion(command.process_id, command.step, cart.order_id or command.order_id)
    elif not request.repeat_conversion_refusal():
        try:
            await _convert(command, work)
        except Refused as no:
            request.refuse_conversion(command.process_id, command.step, no)


async def _convert(command: contract.Convert, work: UnitOfWork) -> None:
    """A checkout that has lost its lock has still sold what was in it, so it keeps what nobody else holds."""
    cart = await open_cart(command.cart_id, work)
    if command.process_id not in cart.locks:
        raise CartNotActive("the checkout never held this cart", cart_status=cart.status)
    if cart.status is Status.CONVERTED:
        raise CartNotActive("another checkout has bought this cart", cart_status=cart.status)
    if cart.status is Status.LOCKED and cart.holder != command.process_id:
        raise CheckoutInProgress("another checkout holds the cart", checkout_id=cart.holder)
    if cart.is_open:
        work.release_key(SESSION, cart.session_id)
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    cart.convert(command.process_id, command.step, command.order_id)
