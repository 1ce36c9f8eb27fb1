"""Lock a cart for one checkout, with its items and totals as they are at that moment."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import DESTINATION
from cart.carts.domain.errors import (
    EmptyCart,
    MaxOrderAmountExceeded,
    MinOrderAmountNotMet,
    PriceChanged,
    WrongCurrency,
)
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.domain.totals import calculate_totals, check_codes, current_prices
from cart.carts.use_cases.cart_access import open_cart
from cart.carts.use_cases.index_keys import CUSTOMER_CART, LOCK_EXPIRY, listed_under
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.release_expired_lock import release_expired_lock
from cart.catalogue.ports import Catalogue
from contracts import cart as contract
from contracts.sale import Money, Sale
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork


async def lock_cart(command: contract.Lock, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    attempt = await work.open(LockAttempt, lock_attempt_id(command.process_id))
    cart = await work.open(Cart, command.cart_id)
    if granted := cart.locks.get(command.process_id):
        attempt.repeat_lock(granted, cart.session_id)
    elif not attempt.repeat_refusal(command.process_id, command.step):
        try:
            await _lock(command, work, catalogue, policy)
        except Refused as refusal:
            attempt.refuse_lock(command.process_id, command.step, refusal)


async def _lock(command: contract.Lock, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    cart = await open_cart(command.cart_id, work)
    cart.must_be_lockable(work.now)
    cart.must_belong_to(command.customer_id)
    if not cart.lines:
        raise EmptyCart("The cart is empty.")
    release_expired_lock(cart, work)
    sale, shown = await _sale(cart, command, work, catalogue)
    _check_price(sale, shown, command.expected_total)
    _check_limits(sale, *policy.order_limits(work.context.tenant, sale.currency))
    if cart.customer_id is None and command.customer_id is not None and not command.guest:
        cart.set_customer(command.customer_id)
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    expires_at = work.now + policy.lock_lifetime
    cart.lock_for(command.process_id, command.step, expires_at, sale, command.customer_id, shown)
    work.set_timer(LOCK_EXPIRY, cart.id, expires_at)


async def _sale(
    cart: Cart, command: contract.Lock, work: UnitOfWork, catalogue: Catalogue
) -> tuple[Sale, int]:
    """The sale at the current prices and for the checkout's destination, and the total that the cart showed:
    by the prices and the destination that it has recorded. Promotions and tax rates are the current ones in
    both. The cart records what has changed, even if the lock is refused because of it."""
    snapshot = await catalogue.read(work.context.tenant, cart.product_ids, tuple(cart.codes))
    changes = cart.price_changes(current_prices(cart, snapshot))
    is_moved = command.destination is not None and command.destination != cart.destination
    shown = calculate_totals(cart, snapshot, work.now).sale.totals.total if changes or is_moved else None
    cart.reprice(changes)
    if command.destination is not None and is_moved:
        cart.set_destination(command.destination)
        cart.reprice(cart.price_changes(current_prices(cart, snapshot)), DESTINATION)
    totals = calculate_totals(cart, snapshot, work.now)
    check_codes(cart, totals, snapshot, work.now)
    return totals.sale, totals.sale.totals.total if shown is None else shown


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
