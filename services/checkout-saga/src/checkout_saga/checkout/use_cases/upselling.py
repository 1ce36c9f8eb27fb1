"""Upsells after a purchase: each is bought by a checkout of its own, with the order's payment method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.index_keys import UPSELL, UPSELL_TRIES, upsell_key
from checkout_saga.checkout.use_cases.buying import StartCheckout, start_checkout
from checkout_saga.orders.domain.errors import (
    UpsellAlreadyBought,
    UpsellExpired,
    UpsellNotAvailable,
    UpsellNotFound,
)
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.domain.order_upsells import propose_upsells, upsell_of
from checkout_saga.shop_settings.use_cases import find_settings
from contracts import upsell as facts
from kernel.unit_of_work import UnitOfWork


class Purchase(NamedTuple):
    """What was bought before, and by which checkout."""

    order: Order
    checkout: Checkout


@dataclass(frozen=True, slots=True)
class BuyUpsell:
    """``is_erased``: nothing can be decrypted any more that the purchase was made with."""

    order_id: UUID
    upsell_id: UUID
    checkout_id: UUID
    is_erased: bool


async def take_proposals(fact: facts.Proposed, work: UnitOfWork) -> None:
    """Let the order offer them, for so long after its checkout was completed as the shop has set."""
    checkout = await work.open(Checkout, fact.process_id)
    order = await work.open(Order, order_id_of(fact.process_id))
    if order.exists and checkout.completed_at is not None:
        settings = (await find_settings(work)).current
        expires_at = checkout.completed_at + timedelta(minutes=settings.upsell_minutes)
        propose_upsells(order, fact.upsells, expires_at)


async def find_purchase(order_id: UUID, work: UnitOfWork) -> Purchase:
    """Raises ``UpsellNotFound``."""
    order = await work.open(Order, order_id)
    if not order.exists:
        raise UpsellNotFound("There is no such order.")
    return Purchase(order, await work.open(Checkout, order.checkout_id))


async def buy_upsell(
    command: BuyUpsell, work: UnitOfWork, session_time: timedelta, definition: int
) -> Checkout:
    """Start the checkout. Raises ``UpsellNotFound``, ``UpsellAlreadyBought``, ``UpsellExpired`` and
    ``UpsellNotAvailable``."""
    order, bought = await find_purchase(command.order_id, work)
    proposal = upsell_of(order, command.upsell_id)
    origin = facts.Origin(
        order_id=order.id,
        upsell_id=proposal.upsell_id,
        attempt=await _next_attempt(order.id, proposal.upsell_id, work),
    )
    if work.now >= order.upsells_end_at:
        raise UpsellExpired("The time to buy it is over.")
    if command.is_erased or order.status in FINAL or definition < ATTEMPTS_SINCE:
        raise UpsellNotAvailable("It cannot be bought with this order any more.")
    paid_by = bought.attempt_now
    work.claim_key(UPSELL, upsell_key(order.id, origin.upsell_id, origin.attempt), command.checkout_id)
    start = StartCheckout(
        checkout_id=command.checkout_id,
        cart_id=order.cart_id,
        customer_id=order.customer_id,
        guest=bought.guest,
        personal=bought.personal,
        gateway=paid_by.gateway,
        payment_method=paid_by.method,
        payment_token=paid_by.token,
        destination=proposal.sale.destination,
        return_url=paid_by.return_url,
        origin=origin,
    )
    return await start_checkout(start, work, session_time, definition)


async def _next_attempt(order_id: UUID, upsell_id: UUID, work: UnitOfWork) -> int:
    """Two requests at once get the same number; one of them is then decided again, for the name is taken."""
    names = [upsell_key(order_id, upsell_id, it) for it in range(1, UPSELL_TRIES + 1)]
    owners = await work.owners_of_keys(UPSELL, names)
    for checkout in (await work.open_many(Checkout, owners.values())).values():
        if not (checkout.ended and checkout.failure):
            raise UpsellAlreadyBought("It has been bought, or is being bought.", checkout_id=str(checkout.id))
    if len(owners) == UPSELL_TRIES:
        raise UpsellNotAvailable("Buying it has failed too often.")
    return len(owners) + 1
