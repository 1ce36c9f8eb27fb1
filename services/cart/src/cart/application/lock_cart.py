"""Freeze a cart for one checkout, and tell what is in it and what it costs."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from cart.application.cart_at_hand import existing_cart, repriced
from cart.application.free_overdue_lock import free_overdue_lock
from cart.application.names import LOCK_EXPIRY
from cart.application.policy import Policy
from cart.application.ports import Catalogue
from cart.domain.cart import Cart
from cart.domain.errors import EmptyCart, MaxOrderAmountExceeded, MinOrderAmountNotMet
from cart.domain.lock_request import LockRequest, lock_request_id
from cart.domain.totals import sale_now
from contracts import cart as contract
from contracts.sale import Sale
from kernel.domain import Refused
from kernel.work import Work


async def lock_cart(command: contract.Lock, work: Work, catalogue: Catalogue, policy: Policy) -> None:
    request = await work.open(LockRequest, lock_request_id(command.checkout_id))
    cart = await work.open(Cart, command.cart_id)
    if known := cart.locks.get(command.checkout_id):
        request.repeat_lock(known, cart.session_id, cart.customer_id)
    elif not request.repeat_refusal(command.checkout_id, command.step):
        try:
            await _lock(command, work, catalogue, policy)
        except Refused as no:
            request.refuse_lock(command.checkout_id, command.step, no)


async def _lock(command: contract.Lock, work: Work, catalogue: Catalogue, policy: Policy) -> None:
    cart = await existing_cart(command.cart_id, work)
    cart.must_be_lockable(work.now)
    if not cart.lines:
        raise EmptyCart("there is nothing in the cart")
    free_overdue_lock(cart, work)
    excerpt = await repriced(cart, work, catalogue)
    sale = sale_now(cart, excerpt, work.now)
    _check_amount(sale, *policy.order_limits(work.context.tenant, sale.currency))
    expires_at = work.now + policy.lock_lifetime
    cart.lock_for(command.checkout_id, command.step, expires_at, sale)
    work.set_timer(LOCK_EXPIRY, cart.id, expires_at)


def _check_amount(sale: Sale, least: Fraction, most: Fraction) -> None:
    total, currency = sale.totals.total, sale.currency
    if total < least:
        raise MinOrderAmountNotMet(f"an order in {currency} amounts to at least {ceil(least)} minor units")
    if total > most:
        raise MaxOrderAmountExceeded(f"an order in {currency} amounts to at most {floor(most)} minor units")
