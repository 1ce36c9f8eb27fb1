"""A checkout's gateway calls: their requests, and what follows from their outcomes."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.steps import sale_of
from checkout_saga.checkout.use_cases.advance import advance
from checkout_saga.checkout.use_cases.compensate import compensate, end_if_compensated
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.lifecycle import pay_order, refund_whole_order
from checkout_saga.payments.domain.backoff import ATTEMPTS_BEFORE_OPERATOR, MAX_PAUSE, pause_after
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import Payment, idempotency_key, payment_id_of
from checkout_saga.payments.use_cases import NO_REASON, record_on_payment
from kernel.unit_of_work import UnitOfWork

STEP_OF = {
    Operation.AUTHORIZE: workflow.AUTHORIZE,
    Operation.CONFIRM: workflow.AUTHORIZE,
    Operation.CAPTURE: workflow.CAPTURE,
    Operation.VOID: workflow.AUTHORIZE,
    Operation.REFUND: workflow.CAPTURE,
}
COMPENSATING_OPERATIONS = {Operation.VOID, Operation.REFUND}


def _is_pending(checkout: Checkout, operation: Operation) -> bool:
    """Whether the outcome still counts: another worker or a cancellation may have been first."""
    step = STEP_OF[operation]
    match operation:
        case Operation.VOID | Operation.REFUND:
            return checkout.is_compensating(step)
        case Operation.AUTHORIZE | Operation.CONFIRM:
            is_confirmation = checkout.attempt(step) > 1
            awaits_customer = checkout.action_url is not None
            return (
                checkout.awaits(step)
                and not awaits_customer
                and is_confirmation is (operation is Operation.CONFIRM)
            )
        case Operation.CAPTURE:
            return checkout.awaits(step)


async def payment_request(checkout_id: UUID, operation: Operation, work: UnitOfWork) -> PaymentRequest | None:
    """The request to make now; None if it is no longer pending: then its timer is cancelled."""
    checkout = await work.open(Checkout, checkout_id)
    request = request_for(checkout, operation, work.context.tenant)
    if request is None:
        work.cancel_timer(operation, checkout_id)
    return request


def request_for(checkout: Checkout, operation: Operation, merchant: str) -> PaymentRequest | None:
    """None if the operation is not pending."""
    if not _is_pending(checkout, operation):
        return None
    sale = sale_of(checkout)
    return PaymentRequest(
        operation=operation,
        key=_key(checkout, operation),
        gateway=checkout.gateway,
        merchant=merchant,
        payment_id=payment_id_of(checkout.id),
        checkout_id=checkout.id,
        amount=sale.totals.total,
        currency=sale.currency,
        payment_token=checkout.payment_token if operation is Operation.AUTHORIZE else None,
        customer_id=checkout.customer_id,
        reason=checkout.failure.code if checkout.failure else None,
    )


def _key(checkout: Checkout, operation: Operation) -> str:
    """One intent per operation, except the confirmation: each return of the customer is a new intent."""
    intent = checkout.attempt(workflow.AUTHORIZE) if operation is Operation.CONFIRM else 1
    return idempotency_key(checkout.id, operation, intent)


async def record_outcome(request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork) -> None:
    """Record the outcome of a call together with all that follows from it."""
    order = Order, order_id_of(request.checkout_id)
    if request.operation is Operation.AUTHORIZE:
        work.assume_absent(Payment, request.payment_id)
        work.assume_absent(*order)
    await work.preload([(Checkout, request.checkout_id), (Payment, request.payment_id), order])
    checkout = await work.open(Checkout, request.checkout_id)
    if not _is_pending(checkout, request.operation):
        work.cancel_timer(request.operation, checkout.id)
        return
    if request.key != _key(checkout, request.operation):
        return  # the customer has returned once more: the outcome of the newer call counts
    if isinstance(outcome, Unknown):
        _schedule_retry(checkout, request, outcome, tries, work)
        return
    work.cancel_timer(request.operation, checkout.id)
    await record_on_payment(request, outcome, work)
    if request.operation in COMPENSATING_OPERATIONS:
        await _record_compensation(checkout, request, outcome, work)
        return
    match outcome:
        case Done(reference=reference):
            await _record_success(checkout, request, reference, work)
        case ActionNeeded(url=url):
            checkout.require_action(STEP_OF[request.operation], url)
        case Declined(code=code, detail=detail):
            if request.operation is not Operation.CONFIRM:
                checkout.fail_step(STEP_OF[request.operation], code, detail)
            # an unconfirmed authorization still exists at the gateway: it is voided like any other
            await compensate(checkout, work, code, detail)


async def _record_success(
    checkout: Checkout, request: PaymentRequest, reference: str, work: UnitOfWork
) -> None:
    if request.operation is Operation.CAPTURE:
        await pay_order(order_id_of(checkout.id), work)
    checkout.complete_step(STEP_OF[request.operation], {"reference": reference})
    await advance(checkout, work)


async def _record_compensation(
    checkout: Checkout, request: PaymentRequest, outcome: Outcome, work: UnitOfWork
) -> None:
    step = STEP_OF[request.operation]
    if not isinstance(outcome, Done):
        checkout.need_operator(
            step, "PAYMENT_OUTCOME_UNKNOWN", f"The gateway refuses to {request.operation}."
        )
        work.set_timer(request.operation, checkout.id, work.now + MAX_PAUSE, {"tries": 1})
        return
    if request.operation is Operation.REFUND:
        await refund_whole_order(order_id_of(checkout.id), request.reason or NO_REASON, work)
    checkout.complete_step_compensation(step)
    end_if_compensated(checkout, work)


def _schedule_retry(
    checkout: Checkout, request: PaymentRequest, outcome: Unknown, tries: int, work: UnitOfWork
) -> None:
    """Without end: an unknown outcome never counts as a failure. After eight tries an operator is called."""
    if tries + 1 >= ATTEMPTS_BEFORE_OPERATOR:
        checkout.need_operator(STEP_OF[request.operation], "PAYMENT_OUTCOME_UNKNOWN", outcome.detail)
    work.set_timer(request.operation, checkout.id, work.now + pause_after(tries), {"tries": tries + 1})
