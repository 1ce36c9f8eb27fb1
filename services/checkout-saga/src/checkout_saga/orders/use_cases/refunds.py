"""Refund an order, whole or in part, and cancel an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never
from uuid import UUID

from checkout_saga.orders.domain import line_cancellation
from checkout_saga.orders.domain.errors import NotRefundable, OrderNotCancellable
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.domain.refund import (
    EVERYTHING,
    FOR_PEOPLE,
    UNDECIDED,
    USUAL_TERMS,
    RefundSelection,
    RefundStatus,
    RefundTerms,
)
from checkout_saga.orders.domain.refund_looks import DECIDED_WITHIN, next_look
from checkout_saga.orders.use_cases.deliveries import adjust_seats, finish_lines, take_back
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.refund_requests import (
    MADE_BEFORE,
    REFUND_ORDER,
    call_gateway,
    check_gateway_later,
    request_of,
)
from checkout_saga.orders.use_cases.restocking import put_back
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import ORDINARY, Payment, RefundAccounts
from checkout_saga.payments.use_cases import record_on_payment
from contracts.order import RefundedUnits
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR, pause_after
from kernel.unit_of_work import UnitOfWork


async def refund_order(
    order_id: UUID,
    refund_id: UUID,
    selection: RefundSelection,
    reason: str,
    work: UnitOfWork,
    terms: RefundTerms = USUAL_TERMS,
    *,
    all_seats: bool = False,
) -> Order:
    """Request the refund; the gateway is called afterwards, unless it is paid back by hand. ``all_seats``:
    those of licences are taken back, free or not. Otherwise raises ``SeatsInUse``."""
    order = await find_order(order_id, work)
    if order.payment_id is None:
        raise NotRefundable("Nothing was paid for this order.", refundable=0, order_status=order.status)
    disputed = await _disputed(order, work)
    order.request_refund(refund_id, selection, reason, terms, disputed=disputed)
    if not all_seats:
        await adjust_seats(order, work)
    if order.refunds[refund_id].is_manual:
        update_attention_list(order, refund_id, False, work)
    else:
        call_gateway(order, refund_id, work.now, work)
    return order


async def cancel_order(order_id: UUID, refund_id: UUID, reason: str, work: UnitOfWork) -> Order:
    """Refunds what is left beside disputes. Returned goods are received into stock separately. While the
    checkout is under way, cancel the checkout instead."""
    order = await find_order(order_id, work)
    if order.status in FINAL or not order.results:
        raise OrderNotCancellable(
            "The order cannot be cancelled in its present status.", order_status=order.status
        )
    if refundable := order.refundable_beside(await _disputed(order, work)):
        selection = EVERYTHING if refundable == order.refundable else RefundSelection(refundable)
        await refund_order(order_id, refund_id, selection, reason, work, all_seats=True)
    order.cancel(reason)
    await take_back(order, work)
    return order


async def _disputed(order: Order, work: UnitOfWork) -> int:
    """What open and lost disputes keep from being refunded."""
    return (await work.open(Payment, order.payment_id)).disputed if order.payment_id else 0


async def cancel_lines(
    order_id: UUID,
    refund_id: UUID,
    units: Sequence[RefundedUnits],
    reason: str,
    work: UnitOfWork,
) -> Order:
    """Refunds what the units have cost, and puts them back into stock at once: they have never left."""
    order = await find_order(order_id, work)
    line_cancellation.cancel_lines(order, refund_id, units, reason, await _disputed(order, work))
    await take_back(order, work)
    await finish_lines(order, (it.line_id for it in units), work)
    put_back(order, "cancel", refund_id, units, work)
    if refund_id in order.refunds:
        call_gateway(order, refund_id, work.now, work)
    return order


async def record_refund(
    order_id: UUID, refund_id: UUID, request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork
) -> None:
    order = await work.open(Order, order_id)
    refund = order.refunds[refund_id]
    if not refund.is_pending:
        if isinstance(outcome, Done):
            await record_late_success(order, refund_id, request, outcome, work)
        return
    if replace(request, reference=None) != request_of(order, refund_id, work.context.tenant):
        return  # retried under another key: the outcome of that call counts
    needed = refund.needs_attention
    match outcome:
        case Done(reference=reference):
            await record_refunded(order, refund_id, request, reference, work)
        case Declined(code=code) if code in FOR_PEOPLE:
            order.mark_refund_stuck(refund_id, code, tries + 1)
            work.cancel_timer(REFUND_ORDER, refund_id)
        case Declined(code=code, detail=detail):
            order.fail_refund(refund_id, code, detail)
            await adjust_seats(order, work)
            work.cancel_timer(REFUND_ORDER, refund_id)
        case ActionNeeded(reference=reference):
            _await_decision(order, refund_id, reference, tries, work)
        case Unknown(after=after):
            if tries + 1 >= TRIES_BEFORE_OPERATOR:
                order.mark_refund_stuck(refund_id, "PAYMENT_OUTCOME_UNKNOWN", tries + 1)
            call_gateway(order, refund_id, work.now + pause_after(tries, after), work, tries=tries + 1)
        case _:
            assert_never(outcome)
    update_attention_list(order, refund_id, needed, work)


def _await_decision(order: Order, refund_id: UUID, reference: str, tries: int, work: UnitOfWork) -> None:
    """The gateway has taken the refund: it is looked at more and more rarely."""
    order.await_refund(refund_id, reference)
    taken_at = order.refunds[refund_id].taken_at or work.now
    if work.now >= taken_at + DECIDED_WITHIN:
        order.mark_refund_stuck(refund_id, UNDECIDED, tries + 1)
    call_gateway(order, refund_id, next_look(taken_at, work.now), work, **MADE_BEFORE)


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
        check_gateway_later(order, refund_id, work)  # a pending refund may fail and free its amount
    else:
        order.record_duplicate_payment(refund_id, request.amount, done.reference)
        work.cancel_timer(REFUND_ORDER, refund_id)
    update_attention_list(order, refund_id, needed, work)


async def record_refunded(
    order: Order,
    refund_id: UUID,
    request: PaymentRequest,
    reference: str,
    work: UnitOfWork,
    accounts: RefundAccounts = ORDINARY,
) -> None:
    """Record the refund on the payment and on the order."""
    await record_on_payment(request, Done(reference, request.amount), work, accounts)
    order.refund(refund_id)
    await take_back(order, work)
    work.cancel_timer(REFUND_ORDER, refund_id)
    refund = order.refunds[refund_id]
    if refund.restock:
        put_back(order, "refund", refund_id, refund.units, work)
    if refund.return_id:
        (await work.open(GoodsReturn, refund.return_id)).close(refund_id)


def update_attention_list(order: Order, refund_id: UUID, needed: bool, work: UnitOfWork) -> None:
    """Keep the index of refunds that need an operator; ``needed``: whether this one has been in it."""
    needs = order.refunds[refund_id].needs_attention
    if needs and not needed:
        work.claim_key(REFUND_NEEDING_ATTENTION, str(refund_id), order.id)
    elif needed and not needs:
        work.release_key(REFUND_NEEDING_ATTENTION, str(refund_id))
