"""Create the order of a checkout, and its compensation."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import sale_of
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, order_key
from checkout_saga.payments.domain.payment import payment_id_of
from kernel.unit_of_work import UnitOfWork


async def create_order(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    order = await work.open(Order, order_id_of(checkout.id))
    sale = sale_of(checkout)
    paid = sale.totals.total > 0
    order.create(
        checkout_id=checkout.id,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        payment_id=payment_id_of(checkout.id) if paid else None,
        gateway=checkout.gateway if paid else None,
        sale=sale,
    )
    name = order_key(work.context.tenant, checkout.customer_id, work.now, order.id)
    work.claim_key(CUSTOMER_ORDER, name, order.id)
    return {"order_id": str(order.id), "number": order.number}


async def compensate_order(checkout: Checkout, work: UnitOfWork) -> None:
    """Cancel the order that ``create_order`` made."""
    order = await work.open(Order, order_id_of(checkout.id))
    order.cancel(checkout.failure.code if checkout.failure else "given up")
