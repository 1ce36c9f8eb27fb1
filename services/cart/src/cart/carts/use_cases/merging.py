"""Merge the cart of a guest, who has signed in, into the customer's cart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CATALOGUE, DESTINATION, QUANTITY
from cart.carts.domain.errors import CartNotFound, MergedIntoItself
from cart.carts.domain.merge import merge
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import (
    BY_ACTIVITY,
    PricedCart,
    open_cart,
    priced_after_write,
    record_prices,
    release_expired_lock,
    wanted_by,
)
from cart.carts.use_cases.index_keys import (
    CART_EXPIRY,
    SESSION,
    SESSION_CART,
    listed_under,
    release_sessions,
)
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import show_cart
from cart.catalogue.domain.excerpt import Catalogue
from contracts import cart as facts
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MergeCarts:
    cart_id: UUID
    guest_cart_id: UUID
    strategy: str


class MergedCarts(NamedTuple):
    """The surviving cart, and what of the guest's cart it has taken."""

    priced: PricedCart
    merged: facts.Merged

    @property
    def version(self) -> int:
        return self.priced.version


async def merge_carts(
    command: MergeCarts, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> MergedCarts:
    """Merge the guest's cart, which ends. Repeated, it is answered as before.

    Raises CartNotFound, CartNotActive, MergedIntoItself.
    """
    if command.cart_id == command.guest_cart_id:
        raise MergedIntoItself("A cart cannot be merged into itself.", field=("guest_cart_id",))
    await work.preload(((Cart, command.cart_id), (Cart, command.guest_cart_id)))
    cart = await open_cart(command.cart_id, work)
    guest = await _guests_cart(command.guest_cart_id, cart, work)
    done = cart.merges.get(guest.id)
    if done is not None and done.strategy == command.strategy:
        return MergedCarts(await show_cart(cart.id, work, catalogue), done)
    for it in (cart, guest):
        await release_expired_lock(it, work)
        it.must_be_active(work.now)
    cart.reactivate(BY_ACTIVITY)
    had_destination = cart.destination is not None
    excerpt = await catalogue.read(work.context.tenant, wanted_by(cart, guest))
    record_prices(cart, excerpt, work, CATALOGUE)
    merge(cart, guest, command.strategy, excerpt, work.now)
    _end(guest, cart, command.strategy, work, policy)
    for flow_id in sorted(guest.flow_ids):
        cart.join_flow(flow_id)
    is_moved = cart.destination is not None and not had_destination
    priced = priced_after_write(cart, excerpt, work, DESTINATION if is_moved else QUANTITY)
    keep_timers(cart, work, policy)
    return MergedCarts(priced, cart.merges[guest.id])


async def _guests_cart(guest_cart_id: UUID, cart: Cart, work: UnitOfWork) -> Cart:
    """Raises CartNotFound, also for the cart of another customer."""
    guest = await open_cart(guest_cart_id, work)
    if guest.customer_id not in {None, cart.customer_id}:
        raise CartNotFound("There is no such cart.")
    return guest


def _end(guest: Cart, cart: Cart, strategy: str, work: UnitOfWork, policy: Policy) -> None:
    """From now on the guest's sessions have the surviving cart."""
    sessions = guest.sessions
    guest.end_by_merge(cart.id, strategy, sessions)
    work.cancel_timer(CART_EXPIRY, guest.id)
    keep_timers(guest, work, policy)
    release_sessions(guest, work)
    for session in sessions:
        work.claim_key(SESSION, session, cart.id)
        if session != cart.session_id:
            work.claim_key(SESSION_CART, listed_under(session, cart.id), cart.id)
