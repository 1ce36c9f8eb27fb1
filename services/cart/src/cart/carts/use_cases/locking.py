"""The commands of a checkout: lock, hold, unlock and convert a cart. Each is answered by exactly one fact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CATALOGUE, CUSTOMER, DESTINATION
from cart.carts.domain.errors import (
    CartNotActive,
    CheckoutInProgress,
    EmptyCart,
    MaxOrderAmountExceeded,
    MinOrderAmountNotMet,
    PriceChanged,
    WrongCurrency,
)
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.domain.restrictions import check_prerequisites
from cart.carts.domain.shipping import must_be_shippable, must_have_destination
from cart.carts.domain.status import Status
from cart.carts.domain.totals import calculate_totals, check_codes
from cart.carts.use_cases.abandonment import abandon_detached
from cart.carts.use_cases.cart_access import (
    open_cart,
    record_current_prices,
    record_prices,
    record_referrals,
    record_shipping,
    release_expired_lock,
    wanted_by,
)
from cart.carts.use_cases.expiry import expire_if_overdue
from cart.carts.use_cases.index_keys import (
    CART_EXPIRY,
    CUSTOMER_CART,
    LOCK_EXPIRY,
    listed_under,
    release_sessions,
    take_sessions_back,
)
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from contracts import cart as contract
from contracts.sale import Money, Sale
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork

BY_CHECKOUT = "checkout"

CompleteFlows: TypeAlias = Callable[[Collection[UUID], UUID, UnitOfWork], Awaitable[None]]
"""Ends the flows that have led to an order, given their ids and the order's."""


async def lock_cart(
    command: contract.Lock,
    work: UnitOfWork,
    catalogue: Catalogue,
    policy: Policy,
    refused: Sequence[contract.RefusedRequest] = (),
) -> None:
    """Lock a cart for one checkout, with its items and totals as they are at that moment. ``refused``: what
    was refused of the buyer's address."""
    attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if granted := cart.locks.get(command.process_id):
        attempt.repeat_lock(granted, cart.session_id)
    elif not attempt.repeat_refusal(command.process_id, command.step):
        try:
            await _lock(command, work, catalogue, policy, refused)
        except Refused as refusal:
            attempt.refuse_lock(command.process_id, command.step, refusal)


async def _lock(
    command: contract.Lock,
    work: UnitOfWork,
    catalogue: Catalogue,
    policy: Policy,
    refused: Sequence[contract.RefusedRequest],
) -> None:
    cart = await open_cart(command.cart_id, work)
    cart.must_be_lockable(work.now)
    cart.must_belong_to(command.customer_id)
    if not cart.lines:
        raise EmptyCart("The cart is empty.")
    await release_expired_lock(cart, work)
    cart.reactivate(BY_CHECKOUT)
    sale, shown = await _sale(cart, command, work, catalogue)
    if cart.customer_id is None and command.customer_id is not None and not command.guest:
        # before the price is checked: a refused lock must leave a cart that shows what this customer pays
        cart.set_customer(command.customer_id)
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    if command.guest and command.expected_total == Money(amount=sale.totals.total, currency=sale.currency):
        # no cart shows what depends on a guest; an expected total equal to the price has been agreed to
        shown = max(shown, sale.totals.total)
    _check_price(sale, shown, command.expected_total)
    _check_limits(sale, *policy.order_limits(work.context.tenant, sale.currency))
    expires_at = work.now + policy.lock_lifetime
    cart.lock_for(command.process_id, command.step, expires_at, sale, command.customer_id, shown, refused)
    work.set_timer(LOCK_EXPIRY, cart.id, expires_at)


async def _sale(
    cart: Cart, command: contract.Lock, work: UnitOfWork, catalogue: Catalogue
) -> tuple[Sale, int]:
    """The sale at the current prices, for the checkout's customer and destination, and the total that the
    cart showed: by the prices, the customer and the destination that it has recorded. Promotions and tax
    rates are the current ones in both. The cart records what has changed, even if the lock is refused because
    of it."""
    buyer = command.customer_id
    excerpt = await catalogue.read(work.context.tenant, wanted_by(cart, buyer=buyer))
    held = [excerpt.products[product_id] for product_id in cart.product_ids]
    check_prerequisites(held, excerpt.customer(cart.customer_id or buyer))
    before = calculate_totals(cart, excerpt, work.now)
    facts = len(cart.pending_events)
    record_prices(cart, excerpt, work, CATALOGUE)
    if command.destination is not None:
        cart.set_destination(command.destination)
        record_prices(cart, excerpt, work, DESTINATION)
    must_have_destination(cart, excerpt)
    record_prices(cart, excerpt, work, CUSTOMER, buyer)
    is_same = len(cart.pending_events) == facts and buyer in {None, cart.customer_id}
    totals = before if is_same else calculate_totals(cart, excerpt, work.now, buyer=buyer)
    must_be_shippable(totals.priced)
    check_codes(cart, totals, excerpt, work.now, buyer)
    record_shipping(cart, totals.sale)
    record_referrals(cart, totals.sale, excerpt, work, buyer)
    return totals.sale, before.sale.totals.total


def _check_price(sale: Sale, shown: int, expected: Money | None) -> None:
    """The sale costs no more than the cart has shown, and no more than the caller has agreed to.

    Raises WrongCurrency, PriceChanged.
    """
    if expected is not None and expected.currency != sale.currency:
        raise WrongCurrency(f"The cart is in {sale.currency}.")
    accepted = shown if expected is None else min(shown, expected.amount)
    if sale.totals.total > accepted:
        raise PriceChanged(
            f"The cart costs {sale.totals.total} {sale.currency} now, not {accepted}.",
            was=Money(amount=accepted, currency=sale.currency),
            now=Money(amount=sale.totals.total, currency=sale.currency),
        )


def _check_limits(sale: Sale, minimum: Fraction, maximum: Fraction) -> None:
    total, currency = sale.totals.total, sale.currency
    if total < minimum:
        raise MinOrderAmountNotMet(f"An order in {currency} amounts to at least {ceil(minimum)} minor units.")
    if total > maximum:
        raise MaxOrderAmountExceeded(
            f"An order in {currency} amounts to at most {floor(maximum)} minor units."
        )


async def hold_cart(command: contract.Hold, work: UnitOfWork) -> None:
    """Hold a locked cart for a payment. Without a time its lock no longer expires, so that the cart cannot be
    sold twice however late a capture ends; with one it expires later than it would."""
    cart = await work.open(Cart, command.cart_id)
    if cart.status is Status.LOCKED and cart.holder == command.process_id:
        if command.detach:
            release_sessions(cart, work)
        cart.hold_for(command.process_id, command.step, command.until, detach=command.detach)
        _keep_lock_timer(cart, work)
    else:
        attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
        attempt.refuse_hold(command.process_id, command.step, cart.status)


def _keep_lock_timer(cart: Cart, work: UnitOfWork) -> None:
    if cart.lock and not cart.lock.held:
        work.set_timer(LOCK_EXPIRY, cart.id, cart.lock.expires_at)
    else:
        work.cancel_timer(LOCK_EXPIRY, cart.id)


async def unlock_cart(command: contract.Unlock, work: UnitOfWork, catalogue: Catalogue) -> None:
    """Unlock a cart; if the checkout does not hold it, the reply leaves the cart as it is."""
    cart = await work.open(Cart, command.cart_id)
    if cart.status is not Status.LOCKED or cart.holder != command.process_id:
        attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
        attempt.unlock(command.process_id, command.step, command.reason)
        return
    detached = not await take_sessions_back(cart, work)
    cart.unlock(command.process_id, command.step, command.reason, detached=detached)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    if not expire_if_overdue(cart, work):
        await record_current_prices(cart, work, catalogue)
        await abandon_detached(cart, work, catalogue)


async def convert_cart(command: contract.Convert, work: UnitOfWork, complete_flows: CompleteFlows) -> None:
    """Close a cart that has become an order, and complete the flows that have led to it."""
    attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if cart.status is Status.CONVERTED and cart.holder == command.process_id:
        attempt.repeat_conversion(command.process_id, command.step, cart.order_id or command.order_id)
    elif not attempt.repeat_conversion_refusal():
        try:
            await _convert(command, work, complete_flows)
        except Refused as refusal:
            attempt.refuse_conversion(command.process_id, command.step, refusal)


async def _convert(command: contract.Convert, work: UnitOfWork, complete_flows: CompleteFlows) -> None:
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
        release_sessions(cart, work)
    work.cancel_timer(CART_EXPIRY, cart.id)
    work.cancel_timer(LOCK_EXPIRY, cart.id)
    cart.convert(command.process_id, command.step, command.order_id)
    if cart.flow_ids:
        await complete_flows(cart.flow_ids, command.order_id, work)
