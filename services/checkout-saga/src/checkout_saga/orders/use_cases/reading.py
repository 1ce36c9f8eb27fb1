"""Read orders together with their payments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from checkout_saga.orders.domain.errors import OrderNotFound
from checkout_saga.orders.domain.order import Order
from checkout_saga.payments.domain.payment import Payment
from kernel.unit_of_work import UnitOfWork


class OrderWithPayment(NamedTuple):
    order: Order
    payment: Payment | None

    @property
    def version(self) -> int:
        return self.order.version


async def find_order(order_id: UUID, work: UnitOfWork) -> Order:
    """Raises ``OrderNotFound``."""
    order = await work.open(Order, order_id)
    if not order.exists:
        raise OrderNotFound("There is no such order.")
    return order


async def find_with_payment(order_id: UUID, work: UnitOfWork) -> OrderWithPayment:
    """Raises ``OrderNotFound``."""
    return await _with_payment(await find_order(order_id, work), work)


async def list_with_payments(order_ids: Iterable[UUID], work: UnitOfWork) -> list[OrderWithPayment]:
    """In the order of the ids; two reads in all."""
    ids = list(order_ids)
    orders = await work.open_many(Order, ids)
    await work.open_many(Payment, (it.payment_id for it in orders.values() if it.payment_id))
    return [await _with_payment(orders[it], work) for it in ids]


def then_with_payment(
    use_case: Callable[[UnitOfWork], Awaitable[Order]],
) -> Callable[[UnitOfWork], Awaitable[OrderWithPayment]]:
    """The use case, followed by a read of the payment of its order."""

    async def act(work: UnitOfWork) -> OrderWithPayment:
        return await _with_payment(await use_case(work), work)

    return act


async def _with_payment(order: Order, work: UnitOfWork) -> OrderWithPayment:
    return OrderWithPayment(order, await work.open(Payment, order.payment_id) if order.payment_id else None)
