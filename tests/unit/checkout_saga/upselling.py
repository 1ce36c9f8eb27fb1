"""A purchase with an upsell that is proposed after it, and the checkout that buys it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.buying import StartCheckout, start_checkout
from checkout_saga.checkout.use_cases.payment_outcomes import record_outcome, request_for
from checkout_saga.checkout.use_cases.upselling import BuyUpsell, buy_upsell, take_proposals
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.payments.domain.operation import Done, Operation, Outcome, PaymentRequest
from checkout_saga.settings import NEWEST
from contracts import upsell
from contracts.envelope import Reply
from contracts.sale import Destination, Sale, SaleLine, Totals
from contracts.upsell import Proposal
from kernel.ids import derive_id
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    CUSTOMER,
    ORDER,
    PLAIN,
    SESSION,
    cart_locked,
    price_confirmed,
    stock_confirmed,
    stock_reserved,
)

OFFER, LAMP, LAMP_UPSELL, MUG_UPSELL = (UUID(int=it) for it in (0x0F, 0x1A, 0xE1, 0xE2))
AGAIN = UUID(int=0xC1)
"""The checkout that buys the upsell."""
WITH_OFFER = PLAIN.model_copy(
    update={"lines": tuple(it.model_copy(update={"offer_id": OFFER}) for it in PLAIN.lines)}
)
X18 = Sale(
    currency="USD",
    lines=(
        SaleLine(
            line_id="1",
            product_id=LAMP,
            offer_id=OFFER,
            upsell_id=LAMP_UPSELL,
            product_type="service",
            sku="LAMP",
            name="Lamp",
            quantity=1,
            unit_price=2000,
            discount=0,
            tax=178,
            total=2178,
        ),
    ),
    totals=Totals(subtotal=2000, discount=0, shipping=0, tax=178, total=2178),
    destination=Destination(country="US", region="NY"),
)
"""2500 less 20 %, with 8.875 % tax."""
PROPOSALS = tuple(
    Proposal(upsell_id=it, product_id=LAMP, name="A lamp", quantity=1, sale=X18, digest="d" * 64)
    for it in (LAMP_UPSELL, MUG_UPSELL)
)
START: dict[str, Any] = {
    "checkout_id": CHECKOUT,
    "cart_id": CART,
    "customer_id": CUSTOMER,
    "guest": False,
    "personal": "sealed person",
    "gateway": "simulated",
    "payment_method": "card",
    "payment_token": "sealed token",
}


def purchased(sale: Sale = WITH_OFFER, definition: int = NEWEST, **fields: Any) -> Scenario:
    """A completed checkout; ``fields`` of its start."""
    story = given().when(start_checkout, StartCheckout(**START | fields), SESSION, definition)
    for reply in (cart_locked(sale), stock_reserved(), price_confirmed(sale)):
        story.when(CHECKOUTS.on_reply, reply)
    if sale.totals.total:
        for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
            provider_says(story, CHECKOUT, operation)
    story.when(CHECKOUTS.on_reply, stock_confirmed())
    assert state_of(story, CHECKOUT).status == "completed"
    return story


def offered(**fields: Any) -> Scenario:
    """A purchase whose order offers the proposals."""
    return purchased(**fields).when(take_proposals, proposed())


def proposed(*upsells: Proposal) -> upsell.Proposed:
    return upsell.Proposed(
        **stamp(derive_id(ORDER, "upsells")),
        checkout_id=CHECKOUT,
        step=step_names.COMPLETE,
        upsells=upsells or PROPOSALS,
    )


def buy(
    story: Scenario,
    checkout_id: UUID = AGAIN,
    upsell_id: UUID = LAMP_UPSELL,
    *,
    is_erased: bool = False,
    definition: int = NEWEST,
) -> Scenario:
    command = BuyUpsell(ORDER, upsell_id, checkout_id, is_erased)
    return story.when(buy_upsell, command, SESSION, definition)


def replies(story: Scenario, reply: Reply, checkout_id: UUID = AGAIN) -> Scenario:
    return story.when(CHECKOUTS.on_reply, reply.model_copy(update={"process_id": checkout_id}))


def reserved(story: Scenario, checkout_id: UUID = AGAIN) -> Scenario:
    """Stock and price are confirmed: the payment is asked for."""
    replies(story, stock_reserved(), checkout_id)
    return replies(story, price_confirmed(X18), checkout_id)


def provider_says(
    story: Scenario, checkout_id: UUID, operation: Operation, outcome: Outcome | None = None
) -> PaymentRequest:
    """The request that the provider answers."""
    request = request_for(state_of(story, checkout_id), operation, "demo")
    assert request is not None, f"{operation} is not asked for"
    answer = outcome or Done("ref", request.amount)

    async def record(command: tuple[PaymentRequest, Outcome], work: UnitOfWork) -> None:
        await record_outcome(*command, 0, work)

    story.when(record, (request, answer))
    return request


def completed(story: Scenario, checkout_id: UUID = AGAIN) -> Scenario:
    """The upsell's checkout, from its start to its end."""
    reserved(story, checkout_id)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
        provider_says(story, checkout_id, operation)
    return replies(story, stock_confirmed(), checkout_id)


def state_of(story: Scenario, checkout_id: UUID) -> Checkout:
    checkout = Checkout.empty(checkout_id)
    for fact in story.world.past[checkout_id]:
        fact.mutate(checkout)
    return checkout


def order_of(story: Scenario, checkout_id: UUID = CHECKOUT) -> Order:
    order = Order.empty(order_id_of(checkout_id))
    for fact in story.world.past[order.id]:
        fact.mutate(order)
    return order
