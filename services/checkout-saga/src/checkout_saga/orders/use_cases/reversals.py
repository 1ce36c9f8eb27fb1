"""Refunds whose success the provider takes back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import REFUND_REVERSED
from checkout_saga.orders.use_cases.deliveries import adjust_seats
from checkout_saga.orders.use_cases.refund_requests import request_of
from checkout_saga.orders.use_cases.refunds import update_attention_list
from checkout_saga.payments.domain.payment import Payment
from kernel.unit_of_work import UnitOfWork


async def reverse_refund(
    order: Order, refund_id: UUID, key: str, reference: str, detail: str, work: UnitOfWork
) -> None:
    """The provider has taken the success of a refund back: its amount is at the provider and refundable
    again, and an operator is called. ``key`` and ``reference`` are those of the refund that was recorded."""
    request = request_of(order, refund_id, work.context.tenant)
    if request is None:
        return
    needed = order.refunds[refund_id].needs_attention
    payment = await work.open(Payment, request.payment_id)
    if payment.reverse_refund(replace(request, key=key), reference):
        order.reverse_refund(refund_id, REFUND_REVERSED, detail or "The provider has taken it back.")
        await adjust_seats(order, work)
        update_attention_list(order, refund_id, needed, work)
