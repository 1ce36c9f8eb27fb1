"""Abandon a cart without activity, ask for messages about it, and make it active again.

No activity moves a timer: the timer of an abandonment is set with the first item, and when it fires early it
sets itself again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TypeVar
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.status import Phase
from cart.carts.use_cases.cart_access import PricedCart, open_cart, release_expired_lock
from cart.carts.use_cases.index_keys import ABANDONMENT, RECOVERY
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import show_cart
from cart.catalogue.domain.excerpt import Catalogue
from contracts.cart import CartCommand
from kernel.unit_of_work import UnitOfWork

C = TypeVar("C", bound=CartCommand)

BY_CALL, BY_LINK = "call", "link"


def keep_timers(cart: Cart, work: UnitOfWork, policy: Policy) -> None:
    """Set and cancel the timers of a cart whose phase has changed in this unit of work: to be called at the
    end of each one that may change a cart."""
    if cart.phase_began_at != work.now:
        return
    if cart.phase is Phase.ACTIVITY:
        work.set_timer(ABANDONMENT, cart.id, cart.last_activity_at + policy.abandoned_after)
    else:
        work.cancel_timer(ABANDONMENT, cart.id)
    if cart.phase is Phase.RETURN:
        _await_next_message(cart, work, policy)
    elif cart.times_abandoned:
        work.cancel_timer(RECOVERY, cart.id)


def keeping_timers(
    handle: Callable[[C, UnitOfWork], Awaitable[None]], policy: Policy
) -> Callable[[C, UnitOfWork], Awaitable[None]]:
    """The handler of a command to a cart, and then ``keep_timers``."""

    @wraps(handle)
    async def handle_and_keep_timers(command: C, work: UnitOfWork) -> None:
        await handle(command, work)
        keep_timers(await work.open(Cart, command.cart_id), work, policy)

    return handle_and_keep_timers


async def abandon_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    """Abandon the cart, unless there was activity meanwhile."""
    cart = await work.open(Cart, cart_id)
    if cart.phase is not Phase.ACTIVITY or cart.is_overdue(work.now):
        return
    due_at = cart.last_activity_at + policy.abandoned_after
    if due_at > work.now:
        work.set_timer(ABANDONMENT, cart.id, due_at)
        return
    priced = await show_cart(cart.id, work, catalogue)
    cart.abandon(priced.sale.totals.total)
    keep_timers(cart, work, policy)


async def abandon_detached(cart: Cart, work: UnitOfWork, catalogue: Catalogue) -> None:
    """Abandon a cart that a checkout has given back while its session has another open cart."""
    if cart.is_detached and cart.phase is Phase.ACTIVITY:
        cart.abandon((await show_cart(cart.id, work, catalogue)).sale.totals.total)


async def request_message(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue, policy: Policy) -> None:
    """Ask for the next message about an abandoned cart: checkout-saga writes it."""
    cart = await work.open(Cart, cart_id)
    due_at = _next_message_at(cart, policy)
    if due_at is None or cart.is_overdue(work.now):
        return
    if due_at <= work.now:
        cart.remind((await show_cart(cart.id, work, catalogue)).sale)
    _await_next_message(cart, work, policy)


def _await_next_message(cart: Cart, work: UnitOfWork, policy: Policy) -> None:
    due_at = _next_message_at(cart, policy)
    if due_at is not None:
        work.set_timer(RECOVERY, cart.id, due_at)


def _next_message_at(cart: Cart, policy: Policy) -> datetime | None:
    """None if the cart is not abandoned, has had all its messages, or expires earlier."""
    if cart.abandoned_at is None or cart.recovery_attempts >= len(policy.messages_after):
        return None
    due_at = cart.abandoned_at + policy.messages_after[cart.recovery_attempts]
    return due_at if due_at < cart.expires_at else None


@dataclass(frozen=True, slots=True)
class RecoverCart:
    """``by``: call or link; ``attempt``: the message with the link."""

    cart_id: UUID
    by: str
    attempt: int | None = None


async def recover_cart(
    command: RecoverCart, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> PricedCart:
    """Make the cart active again; one that is active stays as it is. Raises CartNotFound, CartNotActive."""
    cart = await open_cart(command.cart_id, work)
    await release_expired_lock(cart, work)
    cart.must_be_active(work.now)
    cart.reactivate(command.by, command.attempt)
    keep_timers(cart, work, policy)
    return await show_cart(cart.id, work, catalogue)


async def show_open_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """The cart as it is, if it may be changed. Raises CartNotFound, CartNotActive."""
    priced = await show_cart(cart_id, work, catalogue)
    priced.cart.must_be_active(work.now)
    return priced
