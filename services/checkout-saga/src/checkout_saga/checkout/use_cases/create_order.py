"""Create the order of a checkout, and its compensation."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import sale_of
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.use_cases import lifecycle
from kernel.unit_of_work import UnitOfWork


async def create_order(checkout: Checkout, work: UnitOfWork) -> dict[str, object]:
    order = await lifecycle.create_order(
        checkout.id, checkout.cart_id, checkout.customer_id, checkout.gateway, sale_of(checkout), work
    )
    return {"order_id": str(order.id), "number": order.number}


async def compensate_order(checkout: Checkout, work: UnitOfWork) -> None:
    """Cancel the order that ``create_order`` made."""
    reason = checkout.failure.code if checkout.failure else "given up"
    await lifecycle.compensate_order(order_id_of(checkout.id), reason, work)
