"""The calls of the gateway that refund orders: what is asked, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import Payment
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from kernel.unit_of_work import UnitOfWork

REFUND_ORDER = "refund_order"
"""The kind of the timer of a refund's gateway call; its subject is the refund's id."""
MADE_BEFORE = {"tries": 1}
"""The call was made before, so its key is looked up first."""
GATEWAY_CHECK_DELAY = timedelta(minutes=10)


def call_gateway(order: Order, refund_id: UUID, due_at: datetime, work: UnitOfWork, **payload: Any) -> None:
    """Have the gateway called for a refund; ``payload``: what the call is to know besides."""
    work.set_timer(
        REFUND_ORDER, refund_id, due_at, {"order_id": str(order.id), **payload}, target=order.gateway or ""
    )


async def refund_request(order_id: UUID, refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    """The request to make now; None if there is none to make any more: then its timer is cancelled."""
    order = await work.open(Order, order_id)
    request = await gateway_request(order, refund_id, work)
    refund = order.refunds[refund_id]
    if request is None or not refund.is_pending or refund.is_for_people:
        work.cancel_timer(REFUND_ORDER, refund_id)
        return None
    return request


async def gateway_request(order: Order, refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    """The refund's latest request with the capture that it refunds; None for a free order."""
    request = request_of(order, refund_id, work.context.tenant)
    if request is None:
        return None
    payment = await work.open(Payment, request.payment_id)
    return replace(request, reference=payment.capture_reference)


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
        method=order.payment_method,
    )


def check_gateway_later(order: Order, refund_id: UUID, work: UnitOfWork) -> None:
    """Look the key up once no earlier call can still be in flight."""
    check_gateway(order, refund_id, work.now + GATEWAY_CHECK_DELAY, work)


def check_gateway(order: Order, refund_id: UUID, due_at: datetime, work: UnitOfWork) -> None:
    """Look the key of a refund up that has ended here."""
    call_gateway(order, refund_id, due_at, work, tries=TRIES_BEFORE_OPERATOR, look=True)
