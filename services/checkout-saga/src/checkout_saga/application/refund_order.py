"""Give money back for an order, whole or in part, and call an order off."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.application.ports import Declined, Done, Outcome, PaymentRequest
from checkout_saga.domain.errors import NotRefundable, OrderNotCancellable, OrderNotFound
from checkout_saga.domain.order import Order
from checkout_saga.domain.payment import Payment, idempotency_key
from checkout_saga.domain.refund import EVERYTHING, Wanted
from checkout_saga.domain.retry import pause_after
from checkout_saga.domain.steps import Operation
from kernel.work import Work

REFUND_ORDER = "refund_order"
"""The timer, by the refund's id, under which the gateway is asked."""


async def refund_order(order_id: UUID, refund_id: UUID, wanted: Wanted, reason: str, work: Work) -> Order:
    order = await _found(order_id, work)
    if order.payment_id is None:
        raise NotRefundable("nothing was paid for this order", refundable=0, order_status=order.status)
    order.request_refund(refund_id, wanted, reason)
    work.set_timer(REFUND_ORDER, refund_id, work.now, {"order_id": str(order_id)})
    return order


async def cancel_order(order_id: UUID, refund_id: UUID, reason: str, work: Work) -> Order:
    """What is left of the money goes back; goods that come back are received into stock by those who count
    them. An order whose checkout is still under way is called off by cancelling that."""
    order = await _found(order_id, work)
    if order.status not in {"fulfilled", "partially_fulfilled"}:
        raise OrderNotCancellable("the order cannot be cancelled now", order_status=order.status)
    if order.refundable:
        await refund_order(order_id, refund_id, EVERYTHING, reason, work)
    order.cancel(reason)
    return order


async def refund_request(order_id: UUID, refund_id: UUID, work: Work) -> PaymentRequest | None:
    """What to ask the gateway now; None where the refund has been settled already."""
    order = await work.open(Order, order_id)
    refund = order.refunds[refund_id]
    if refund.status != "requested" or order.payment_id is None:
        work.cancel_timer(REFUND_ORDER, refund_id)
        return None
    return PaymentRequest(
        operation=Operation.REFUND,
        key=idempotency_key(order.checkout_id, f"refund:{refund_id}"),
        merchant=work.context.tenant,
        payment_id=order.payment_id,
        checkout_id=order.checkout_id,
        amount=refund.amount,
        currency=order.sale.currency,
        reason=refund.reason,
    )


async def record_refund(
    order_id: UUID, refund_id: UUID, request: PaymentRequest, outcome: Outcome, tries: int, work: Work
) -> None:
    order = await work.open(Order, order_id)
    if order.refunds[refund_id].status != "requested":
        work.cancel_timer(REFUND_ORDER, refund_id)
        return
    match outcome:
        case Done(reference=reference):
            payment = await work.open(Payment, request.payment_id)
            payment.refund(
                request.reason or "",
                checkout_id=request.checkout_id,
                gateway=payment.gateway,
                amount=request.amount,
                currency=request.currency,
                key=request.key,
                reference=reference,
            )
            order.refund(request.amount, request.reason or "", refund_id)
            work.cancel_timer(REFUND_ORDER, refund_id)
        case Declined(code=code, detail=detail):
            order.fail_refund(refund_id, code, detail)
            work.cancel_timer(REFUND_ORDER, refund_id)
        case _:
            again = {"order_id": str(order_id), "tries": tries + 1}
            work.set_timer(REFUND_ORDER, refund_id, work.now + pause_after(tries), again)


async def _found(order_id: UUID, work: Work) -> Order:
    order = await work.open(Order, order_id)
    if not order.exists:
        raise OrderNotFound("no such order")
    return order
