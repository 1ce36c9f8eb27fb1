"""Refund an order, whole or in part, and cancel an order."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from checkout_saga.orders.domain.errors import NotRefundable, OrderNotCancellable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.domain.refund import EVERYTHING, RefundSelection, RefundStatus
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome, PaymentRequest
from checkout_saga.payments.domain.payment import Payment, idempotency_key
from checkout_saga.payments.use_cases import record_on_payment
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR, pause_after
from kernel.unit_of_work import UnitOfWork

REFUND_ORDER = "refund_order"
"""The kind of the timer of a refund's gateway call; its subject is the refund's id."""
CANCELLABLE = {OrderStatus.FULFILLED, OrderStatus.PARTIALLY_FULFILLED}
GATEWAY_CHECK_DELAY = timedelta(minutes=10)


async def refund_order(
    order_id: UUID, refund_id: UUID, selection: RefundSelection, reason: str, work: UnitOfWork
) -> Order:
    order = await find_order(order_id, work)
    if order.payment_id is None:
        raise NotRefundable("Nothing was paid for this order.", refundable=0, order_status=order.status)
    order.request_refund(refund_id, selection, reason)
    work.set_timer(REFUND_ORDER, refund_id, work.now, {"order_id": str(order_id)})
    return order


async def cancel_order(order_id: UUID, refund_id: UUID, reason: str, work: UnitOfWork) -> Order:
    """Refunds what is left. Returned goods are received into stock separately. While the checkout is under
    way, cancel the checkout instead."""
    order = await find_order(order_id, work)
    if order.status not in CANCELLABLE:
        raise OrderNotCancellable(
            "The order cannot be cancelled in its present status.", order_status=order.status
        )
    if order.refundable:
        await refund_order(order_id, refund_id, EVERYTHING, reason, work)
    order.cancel(reason)
    return order


async def refund_request(order_id: UUID, refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    """The request to make now; None if the refund is no longer pending: then its timer is cancelled."""
    order = await work.open(Order, order_id)
    request = request_of(order, refund_id, work.context.tenant)
    if request is None or not order.refunds[refund_id].is_pending:
        work.cancel_timer(REFUND_ORDER, refund_id)
        return None
    return request


def request_of(order: Order, refund_id: UUID, merchant: str) -> PaymentRequest | None:
    """The refund's latest request; None for a free order."""
    if order.payment_id is None or order.gateway is None:
        return None
    refund = order.refunds[refund_id]
    return PaymentRequest(
        operation=Operation.REFUND,
        key=idempotency_key(order.checkout_id, f"refund:{refund_id}", refund.intent),
        gateway=order.gateway,
        merchant=merchant,
        payment_id=order.payment_id,
        checkout_id=order.checkout_id,
        amount=refund.amount,
        currency=order.sale.currency,
        reason=refund.reason,
    )


async def record_refund(
    order_id: UUID, refund_id: UUID, request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork
) -> None:
    order = await work.open(Order, order_id)
    refund = order.refunds[refund_id]
    if not refund.is_pending:
        if isinstance(outcome, Done):
            await record_late_success(order, refund_id, request, outcome, work)
        return
    if request != request_of(order, refund_id, work.context.tenant):
        return  # retried under another key: the outcome of that call counts
    needed = refund.needs_attention
    match outcome:
        case Done(reference=reference):
            await record_refunded(order, refund_id, request, reference, work)
        case Declined(code=code, detail=detail):
            order.fail_refund(refund_id, code, detail)
            work.cancel_timer(REFUND_ORDER, refund_id)
        case _:
            if tries + 1 >= TRIES_BEFORE_OPERATOR:
                order.mark_refund_stuck(refund_id, "PAYMENT_OUTCOME_UNKNOWN", tries + 1)
            again = {"order_id": str(order_id), "tries": tries + 1}
            work.set_timer(REFUND_ORDER, refund_id, work.now + pause_after(tries), again)
    update_attention_list(order, refund_id, needed, work)


async def record_late_success(
    order: Order, refund_id: UUID, request: PaymentRequest, done: Done, work: UnitOfWork
) -> None:
    """Handle a success that arrives after an operator has resolved the refund.

    It counts if the order has as much left to be refunded; otherwise the customer was paid twice, and an
    operator is called.
    """
    refund = order.refunds[refund_id]
    needed = refund.needs_attention
    payment = await work.open(Payment, request.payment_id)
    by_gateway = refund.status is RefundStatus.REFUNDED and not (refund.settled or refund.paid_twice)
    if by_gateway or (request.key, done.reference) in payment.recorded_refunds:
        work.cancel_timer(REFUND_ORDER, refund_id)
    elif refund.status is RefundStatus.FAILED and refund.amount <= order.refundable:
        await record_refunded(order, refund_id, request, done.reference, work)
    elif refund.status is RefundStatus.FAILED and any(it.is_pending for it in order.refunds.values()):
        check_gateway_later(order.id, refund_id, work)  # a pending refund may fail and free its amount
    else:
        order.record_duplicate_payment(refund_id, request.amount, done.reference)
        work.cancel_timer(REFUND_ORDER, refund_id)
    update_attention_list(order, refund_id, needed, work)


def check_gateway_later(order_id: UUID, refund_id: UUID, work: UnitOfWork) -> None:
    """Look the key up once no earlier call can still be in flight."""
    look = {"order_id": str(order_id), "tries": TRIES_BEFORE_OPERATOR, "look": True}
    work.set_timer(REFUND_ORDER, refund_id, work.now + GATEWAY_CHECK_DELAY, look)


async def record_refunded(
    order: Order, refund_id: UUID, request: PaymentRequest, reference: str, work: UnitOfWork
) -> None:
    """Record the refund on the payment and on the order."""
    await record_on_payment(request, Done(reference, request.amount), work)
    order.refund(refund_id)
    work.cancel_timer(REFUND_ORDER, refund_id)


def update_attention_list(order: Order, refund_id: UUID, needed: bool, work: UnitOfWork) -> None:
    """Keep the index of refunds that need an operator; ``needed``: whether this one has been in it."""
    needs = order.refunds[refund_id].needs_attention
    if needs and not needed:
        work.claim_key(REFUND_NEEDING_ATTENTION, str(refund_id), order.id)
    elif needed and not needs:
        work.release_key(REFUND_NEEDING_ATTENTION, str(refund_id))
