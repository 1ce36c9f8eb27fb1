"""Send goods back: asked for, approved, received, refunded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, fulfillment_id
from checkout_saga.orders.domain.errors import LineNotFound, ReturnNotFound, ReturnNotPossible
from checkout_saga.orders.domain.goods_return import SELLABLE, GoodsReturn, ReturnStatus, units_back
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection, RefundTerms
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.refunds import refund_order
from checkout_saga.orders.use_cases.restocking import put_back
from checkout_saga.shop_settings.use_cases import find_settings
from contracts.return_ import ReceivedUnits, ReturnedUnits
from kernel.ids import derive_id
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

RETURN_EXPIRY = "return_expiry"
"""The kind of the timer that ends an approved return; its subject is the return."""
ORDER_RETURN = "order_return"
"""Lists an order's returns by time; the value is the order, the time and the return."""
CAME_BACK = "The goods came back."


async def request_return(
    order_id: UUID, return_id: UUID, units: Sequence[ReturnedUnits], work: UnitOfWork
) -> GoodsReturn:
    """Raises ``OrderNotFound``, ``LineNotFound`` and ``ReturnNotPossible``."""
    order = await find_order(order_id, work)
    days = (await find_settings(work)).current.return_days
    for it in units:
        if not order.sold_units(it.line_id):
            raise LineNotFound("The order has no such line.", line_id=it.line_id)
        line = await work.open(Fulfillment, fulfillment_id(order_id, it.line_id))
        possible = units_to_return(order, line)
        if it.quantity > possible:
            raise ReturnNotPossible(
                "Fewer units of the line can be sent back.", line_id=it.line_id, units=possible
            )
        if work.now > line.dispatched_at + timedelta(days=days):
            raise ReturnNotPossible("The time to send goods back is over.", line_id=it.line_id)
        line.open_return(return_id, it.quantity)
    found = await work.open(GoodsReturn, return_id)
    found.request(order_id, order.customer_id, units)
    _list(found, work)
    return found


def units_to_return(order: Order, line: Fulfillment) -> int:
    """Units that have left and are neither on their way back, nor returned or refunded."""
    if order.status in FINAL:
        return 0
    sent = min(line.dispatched - line.returned, order.wanted_units(line.line_id))
    return max(0, sent - sum(line.returning.values()))


async def find_return(return_id: UUID, work: UnitOfWork) -> GoodsReturn:
    """Raises ``ReturnNotFound``."""
    found = await work.open(GoodsReturn, return_id)
    if not found.exists:
        raise ReturnNotFound("There is no such return.")
    return found


async def approve(return_id: UUID, work: UnitOfWork) -> GoodsReturn:
    found = await find_return(return_id, work)
    found.approve(work.now)
    _await_goods(found, work)
    return found


async def reject(return_id: UUID, reason: str | None, work: UnitOfWork) -> GoodsReturn:
    found = await find_return(return_id, work)
    found.reject(reason)
    await _end(found, (), work)
    return found


async def receive(
    return_id: UUID, units: Sequence[ReceivedUnits], work: UnitOfWork, *, refund_shipping: bool = False
) -> GoodsReturn:
    """What came back is refunded, and what is sellable goes back into stock. Raises ``ReturnNotPossible``,
    and ``NotRefundable`` if the units were refunded otherwise meanwhile."""
    found = await find_return(return_id, work)
    found.check_receivable(units)
    order = await find_order(found.order_id, work)
    refund_id = await _refund(order, found, units, work, shipping=refund_shipping)
    found.receive(units, refund_id)
    work.cancel_timer(RETURN_EXPIRY, return_id)
    put_back(order, "return", return_id, units_back(units, SELLABLE), work)
    await _end(found, units, work)
    return found


async def expire(return_id: UUID, work: UnitOfWork) -> None:
    """The goods were not received in time."""
    found = await work.open(GoodsReturn, return_id)
    if found.status is ReturnStatus.APPROVED:
        found.expire()
        await _end(found, (), work)


async def _refund(
    order: Order, found: GoodsReturn, units: Sequence[ReceivedUnits], work: UnitOfWork, *, shipping: bool
) -> UUID | None:
    """Returns the refund; None if there is nothing to refund."""
    parts = [RefundPart(it.line_id, it.quantity) for it in units_back(units)]
    parts += [RefundPart(None)] if shipping else []
    selection = RefundSelection(parts=tuple(parts))
    if not parts or not order.payment_id or not sum(it.amount for it in selection.shares(order.remainder)):
        return None
    reasons = {it.reason_code for it in found.units}
    reason_code = reasons.pop() if len(reasons) == 1 else "other"
    refund_id = derive_id(found.id, "refund")
    terms = RefundTerms(reason_code=reason_code, return_id=found.id)
    await refund_order(order.id, refund_id, selection, CAME_BACK, work, terms)
    return refund_id


async def _end(found: GoodsReturn, received: Sequence[ReceivedUnits], work: UnitOfWork) -> None:
    """Each line counts what came back of it; the other units can be sent back by another return."""
    back = {it.line_id: it.quantity for it in units_back(received)}
    for it in found.units:
        line = await work.open(Fulfillment, fulfillment_id(found.order_id, it.line_id))
        line.end_return(found.id, back.get(it.line_id, 0))


async def resume_return(found: GoodsReturn, work: UnitOfWork) -> None:
    """The key and the timer of one whose facts have been recovered."""
    _list(found, work)
    if found.status is ReturnStatus.APPROVED:
        _await_goods(found, work)


def _await_goods(found: GoodsReturn, work: UnitOfWork) -> None:
    if found.expires_at:
        work.set_timer(RETURN_EXPIRY, found.id, found.expires_at)


def _list(found: GoodsReturn, work: UnitOfWork) -> None:
    key = f"{found.order_id}/{time_key(found.requested_at)}/{found.id}"
    work.claim_key(ORDER_RETURN, key, found.id)
