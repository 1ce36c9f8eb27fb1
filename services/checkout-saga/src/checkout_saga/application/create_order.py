"""Make the order, and take it back."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.order import Order
from checkout_saga.domain.steps import sale_of
from kernel.ids import derived
from kernel.work import Work

ORDERS = "customer_order"
"""The names under which a customer's orders are listed."""


def order_of(checkout_id: UUID) -> UUID:
    """One order a checkout, however often it is asked for."""
    return derived(checkout_id, "order")


def payment_of(checkout_id: UUID) -> UUID:
    return derived(checkout_id, "payment")


def order_name(customer_id: str, order_id: UUID | str) -> str:
    return f"{customer_id}/{order_id}"


async def create_order(checkout: Checkout, work: Work) -> dict[str, object]:
    order = await work.open(Order, order_of(checkout.id))
    sale = sale_of(checkout)
    paid = sale.totals.total > 0
    order.create(
        checkout_id=checkout.id,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        payment_id=payment_of(checkout.id) if paid else None,
        gateway=checkout.gateway if paid else None,
        sale=sale,
    )
    work.claim(ORDERS, order_name(checkout.customer_id, order.id), order.id)
    return {"order_id": str(order.id), "number": order.number}


async def cancel_order(checkout: Checkout, work: Work) -> None:
    order = await work.open(Order, order_of(checkout.id))
    order.cancel(checkout.failure.code if checkout.failure else "given up")
