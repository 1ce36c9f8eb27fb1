"""Units of an order that go back into stock: those of cancelled lines, and of refunds that say so."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.stock_units import stock_units
from contracts import offer
from contracts.order import RefundedUnits
from kernel.unit_of_work import UnitOfWork


# failpoint: none needed (intent)
def put_back(
    order: Order, step: str, occasion: UUID, units: Iterable[RefundedUnits], work: UnitOfWork
) -> None:
    """Send the command, once for each ``step`` and ``occasion``. Its reply is not awaited: it cannot be
    refused, and changes nothing of the order."""
    received = stock_units(order.sale, units)
    if received:
        command = offer.ReceiveStock(
            checkout_id=order.checkout_id, step=f"{step}:{occasion}", received=received
        )
        work.send(command, order.checkout_id)
