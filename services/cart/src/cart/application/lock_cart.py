"""Freeze a cart for one checkout, and tell what is in it and what it costs."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from cart.application.cart_access import open_cart
from cart.application.index_keys import CUSTOMER_CART, LOCK_EXPIRY, listed_under
from cart.application.policy import Policy
from cart.application.ports import Catalogue
from cart.application.release_expired_lock import release_expired_lock
from cart.domain.cart import Cart
from cart.domain.cart_state import DESTINATION
from cart.domain.errors import (
    EmptyCart,
    MaxOrderAmountExceeded,
    MinOrderAmountNotMet,
    PriceChanged,
    WrongCurrency,
)
from cart.domain.lock_attempt import LockAttempt, lock_request_id
from cart.domain.totals import check_codes, costs_now, prices_today
from contracts import cart as contract
from contracts.sale import Money, Sale
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork


async def lock_cart(command: contract.Lock, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    request = await work.open(LockAttempt, lock_request_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if known := cart.locks.get(command.process_id):
        request.repeat_lock(known, cart.session_id)
    elif not request.repeat_refusal(command.process_id, command.step):
        try:
            await _lock(command, work, catalogue, policy)
        except Refused as no:
            request.refuse_lock(command.process_id, command.step, no)


async def _lock(command: contract.Lock, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    cart = await open_cart(command.cart_id, work)
    cart.must_be_lockable(work.now)
    cart.must_be_free_for(command.customer_id)
    if not cart.lines:
        raise EmptyCart("there is nothing in the cart")
    release_expired_lock(cart, work)
    sale, shown = await _sale(cart, command, work, catalogue)
    _check_price(sale, shown, command.expected_total)
    _check_amount(sale, *policy.order_limits(work.context.tenant, sale.currency))
    if cart.customer_id is None and command.customer_id is not None and not command.guest:
        cart.set_customer(command.customer_id)
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    expires_at = work.now + policy.lock_lifetime
    cart.lock_for(command.process_id, command.step, expires_at, sale, command.customer_id, shown)
    work.set_timer(LOCK_EXPIRY, cart.id, expires_at)


async def _sale(
    cart: Cart, command: contract.Lock, work: UnitOfWork, catalogue: Catalogue
) -> tuple[Sale, int]:
    """What it costs at today's prices and for the checkout's destination, and the total that the cart last
    showed: by the prices and the destination that it has recorded. Promotions and rates are those of this
    moment in both. The cart keeps what has changed, also where the lock is refused because of it."""
    excerpt = await catalogue.excerpt(work.context.tenant, cart.product_ids, tuple(cart.codes))
    changes = cart.price_changes(prices_today(cart, excerpt))
    moves = command.destination is not None and command.destination != cart.destination
    shown = costs_now(cart, excerpt, work.now).sale.totals.total if changes or moves else None
    cart.reprice(changes)
    if command.destination is not None and moves:
        cart.set_destination(command.destination)
        cart.reprice(cart.price_changes(prices_today(cart, excerpt)), DESTINATION)
    costs = costs_now(cart, excerpt, work.now)
    check_codes(cart, costs, excerpt, work.now)
    return costs.sale, costs.sale.totals.total if shown is None else shown


def _check_price(sale: Sale, shown: int, expected: Money | None) -> None:
    """The sale costs no more than the cart has shown, and no more than the caller has agreed to."""
    if expected is not None and expected.currency != sale.currency:
        raise WrongCurrency(f"the cart is in {sale.currency}")
    most = shown if expected is None else min(shown, expected.amount)
    if sale.totals.total > most:
        raise PriceChanged(
            f"it costs {sale.totals.total} {sale.currency} now, not {most}",
            was=Money(amount=most, currency=sale.currency),
            now=Money(amount=sale.totals.total, currency=sale.currency),
        )


def _check_amount(sale: Sale, least: Fraction, most: Fraction) -> None:
    total, currency = sale.totals.total, sale.currency
    if total < least:
        raise MinOrderAmountNotMet(f"an order in {currency} amounts to at least {ceil(least)} minor units")
    if total > most:
        raise MaxOrderAmountExceeded(f"an order in {currency} amounts to at most {floor(most)} minor units")
