"""The order of a checkout: created, paid, or taken back. The checkout decides when."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.orders.domain.numbers import numbers_of
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.customer_segments import count_paid_order
from checkout_saga.orders.use_cases.deliveries import take_back
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, ORDER_NUMBER, order_key
from checkout_saga.payments.domain.names import payment_id_of
from contracts.sale import Sale
from contracts.upsell import Origin
from kernel.unit_of_work import UnitOfWork


async def create_order(
    checkout_id: UUID,
    cart_id: UUID,
    customer_id: str,
    gateway: str,
    sale: Sale,
    work: UnitOfWork,
    payment_id: UUID | None = None,
    payment_method: str | None = None,
    origin: Origin | None = None,
) -> Order:
    """The order and its key in the list of the customer's orders. A free order has no payment.
    An order that exists already is left as it is. ``payment_id``: None for the first attempt to pay."""
    order = await work.open(Order, order_id_of(checkout_id))
    if order.exists:
        return order
    paid = sale.totals.total > 0
    order.create(
        checkout_id=checkout_id,
        cart_id=cart_id,
        customer_id=customer_id,
        payment_id=(payment_id or payment_id_of(checkout_id)) if paid else None,
        gateway=gateway if paid else None,
        sale=sale,
        payment_method=payment_method if paid else None,
        origin=origin,
        number=await _claim_number(order.id, work),
    )
    name = order_key(work.context.tenant, customer_id, work.now, order.id)
    work.claim_key(CUSTOMER_ORDER, name, order.id)
    return order


async def _claim_number(order_id: UUID, work: UnitOfWork) -> str:
    """The first of its numbers that no other order of the tenant has. Two ids hardly ever give one number: if
    another order is first, the commit finds out, and the next number is tried."""
    for number in numbers_of(order_id):
        if await work.try_claim_key(ORDER_NUMBER, number, order_id) in {None, order_id}:
            return number
    raise AssertionError("unreachable: there is always another number")


async def pay_order(order_id: UUID, work: UnitOfWork) -> None:
    """The payment has been captured."""
    order = await work.open(Order, order_id)
    if order.awaits_payment:
        order.pay(await count_paid_order(order, work))


async def compensate_order(order_id: UUID, reason: str, work: UnitOfWork, *, was_begun: bool = False) -> None:
    """Cancel the order of a checkout that fails: no refund is requested. ``was_begun``: its lines may have
    been handed over, and are taken back."""
    order = await work.open(Order, order_id)
    if order.exists:  # not while its payment is in review
        order.cancel(reason)
    if was_begun:
        await take_back(order, work)


async def refund_whole_order(order_id: UUID, reason: str, work: UnitOfWork) -> None:
    """The captured payment of a checkout that fails has been refunded."""
    (await work.open(Order, order_id)).refund_everything(reason)
