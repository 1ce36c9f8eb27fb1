"""Close a cart that has become an order."""

from __future__ import annotations

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import CartNotActive, CheckoutInProgress
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.domain.status import Status
from cart.carts.use_cases.cart_access import open_cart
from cart.carts.use_cases.index_keys import CART_EXPIRY, LOCK_EXPIRY, SESSION
from contracts import cart as contract
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork


async def convert_cart(command: contract.Convert, work: UnitOfWork) -> None:
    attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if cart.status is Status.CONVERTED and cart.holder == command.process_id:
        attempt.repeat_conversion(command.process_id, command.step, cart.order_id or command.order_id)
    elif not attempt.repeat_conversion_refusal():
        try:
            await _convert(command, work)
        except Refused as refusal:
            attempt.refuse_conversion(command.process_id, command.step, refusal)


async def _convert(command: contract.Convert, work: UnitOfWork) -> None:
    """A checkout whose lock has ended has sold the cart all the same, so it may convert the cart unless
    another checkout holds it or has bought it.

    Raises CartNotFound, CartNotActive, CheckoutInProgress.
    """
    cart = await open_cart(command.cart_id, work)
    if command.process_id not in cart.locks:
        raise CartNotActive("The checkout never held this cart.", cart_status=cart.status)
    if cart.status is Status.CONVERTED:
        raise CartNotActive("Another checkout has bought this cart.", cart_status=cart.status)
    if cart.status is Status.LOCKED and cart.holder != command.process_id:
        raise CheckoutInProgress("Another checkout holds the cart.", checkout_id=cart.holder)
    if cart.is_open:
        work.release_key(SESSION, cart.session_id)
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    cart.convert(command.process_id, command.step, command.order_id)
