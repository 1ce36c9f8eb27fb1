"""What follows from an event of a payment provider: the calls that it may be about are made again at once.

A repeated call is a look-up by its key. So the provider's answer counts, by the same function as any outcome,
and nothing of the event: it may be late, repeated, out of order or wrong.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases import payment_outcomes
from checkout_saga.checkout.use_cases.attempts import look_at
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.refund_requests import MADE_BEFORE, call_gateway, check_gateway
from checkout_saga.payments.domain.operation import Operation
from checkout_saga.payments.domain.payment import Payment
from kernel.unit_of_work import UnitOfWork


class Announced(NamedTuple):
    """An event of a provider. ``payment_id``: the payment that the provider's object was made for;
    ``reference``: the provider's id of the object."""

    gateway: str
    payment_id: UUID
    event_id: str
    event_type: str
    reference: str | None = None


async def take_event(event: Announced, work: UnitOfWork) -> bool:
    """False: this tenant has no such payment at this provider."""
    payment = await work.open(Payment, event.payment_id)
    if payment.checkout_id is None or payment.gateway != event.gateway:
        return False
    payment.notify(event.event_id, event.event_type, event.reference)
    await ask_again(payment.id, payment.checkout_id, work)
    await _look_at_refund(event.reference, payment, payment.checkout_id, work)
    return True


async def _look_at_refund(
    reference: str | None, payment: Payment, checkout_id: UUID, work: UnitOfWork
) -> None:
    """The event is about a refund that is done: the provider may have taken its success back."""
    order = await work.open(Order, order_id_of(checkout_id))
    for key, paid_as in payment.recorded_refunds:
        refund_id = order.refund_under(key) if reference and paid_as == reference else None
        if refund_id and payment.refunded_as(key) == reference:
            check_gateway(order, refund_id, work.now, work)


async def ask_again(payment_id: UUID, checkout_id: UUID, work: UnitOfWork) -> bool:
    """Make the calls that are under way for the payment again at once. False: there are none."""
    checkout = await work.open(Checkout, checkout_id)
    asked = False
    for operation in Operation:
        if CHECKOUTS.workflow.step_of_call(checkout, operation) is not None:
            work.set_timer(operation, checkout.id, work.now, MADE_BEFORE, target=checkout.call_target)
            asked = True
    if payment_outcomes.look_at(checkout, payment_id, work.context.tenant) is not None:
        look_at(checkout, work.now, work)
        asked = True
    order = await work.open(Order, order_id_of(checkout_id))
    for refund_id, refund in order.refunds.items():
        if refund.is_pending and not refund.is_for_people:
            call_gateway(order, refund_id, work.now, work, **MADE_BEFORE)
            asked = True
    return asked
