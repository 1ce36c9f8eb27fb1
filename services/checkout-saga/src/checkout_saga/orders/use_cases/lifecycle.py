"""The order of a checkout: created, paid, fulfilled, or taken back. The checkout decides when."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.payments.domain.payment import payment_id_of
from contracts.sale import Sale
from kernel.unit_of_work import UnitOfWork


async def create_order(
    checkout_id: UUID, cart_id: UUID, customer_id: str, gateway: str, sale: Sale, work: UnitOfWork
) -> Order:
    """The order and its key in the list of the customer's orders. A free order has no payment.
    An order that exists already is left as it is."""
    order = await work.open(Order, order_id_of(checkout_id))
    if order.exists:
        return order
    paid = sale.totals.total > 0
    order.create(
        checkout_id=checkout_id,
        cart_id=cart_id,
        customer_id=customer_id,
        payment_id=payment_id_of(checkout_id) if paid else None,
        gateway=gateway if paid else None,
        sale=sale,
    )
    name = order_key(work.context.tenant, customer_id, work.now, order.id)
    work.claim_key(CUSTOMER_ORDER, name, order.id)
    return order


async def pay_order(order_id: UUID, work: UnitOfWork) -> None:
    """The payment has been captured."""
    (await work.open(Order, order_id)).pay()


async def fulfill_order(order_id: UUID, work: UnitOfWork) -> Order:
    order = await work.open(Order, order_id)
    order.fulfill()
    return order


async def compensate_order(order_id: UUID, reason: str, work: UnitOfWork) -> None:
    """Cancel the order of a checkout that fails. Before its fulfilment: no refund is requested."""
    (await work.open(Order, order_id)).cancel(reason)


async def refund_whole_order(order_id: UUID, reason: str, work: UnitOfWork) -> None:
    """The captured payment of a checkout that fails has been refunded."""
    (await work.open(Order, order_id)).refund_everything(reason)
