"""A checkout's payment operations: their requests, and what follows from their outcomes."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import AUTHORIZE
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases import lifecycle
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
from checkout_saga.payments.use_cases import MONEY_BACK, NO_REASON, record_on_payment
from kernel.process import calls
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork

OUTCOME_UNKNOWN = "PAYMENT_OUTCOME_UNKNOWN"
"""Code of a step that needs an operator."""


async def payment_request(checkout_id: UUID, operation: Operation, work: UnitOfWork) -> PaymentRequest | None:
    """The request to make now; None if it is no longer pending: then its timer is cancelled."""
    checkout = await work.open(Checkout, checkout_id)
    request = request_for(checkout, operation, work.context.tenant)
    if request is None:
        work.cancel_timer(operation, checkout_id)
    return request


def request_for(checkout: Checkout, operation: Operation, merchant: str) -> PaymentRequest | None:
    """None if no step waits for the outcome of the operation."""
    if CHECKOUTS.workflow.step_of_call(checkout, operation) is None:
        return None
    sale = checkout.agreed_sale
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
    intent = checkout.attempt(AUTHORIZE) if operation is Operation.CONFIRM else 1
    return idempotency_key(checkout.id, operation, intent)


async def record_outcome(request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork) -> None:
    """Record the outcome of a call, in the payment and the order, together with all that follows from it."""
    order = Order, order_id_of(request.checkout_id)
    if request.operation is Operation.AUTHORIZE:
        work.assume_absent(Payment, request.payment_id)
        work.assume_absent(*order)
    await work.preload([(Checkout, request.checkout_id), (Payment, request.payment_id), order])
    checkout = await work.open(Checkout, request.checkout_id)
    if CHECKOUTS.workflow.step_of_call(checkout, request.operation):
        if request.key != _key(checkout, request.operation):
            return  # the customer has returned once more: the outcome of the newer call counts
        await record_on_payment(request, outcome, work)
        if isinstance(outcome, Done):
            await _record_on_order(request, work)
    result = _as_call_outcome(request.operation, outcome)
    await calls.on_outcome(CHECKOUTS, checkout, request.operation, result, tries, work)


async def _record_on_order(request: PaymentRequest, work: UnitOfWork) -> None:
    order_id = order_id_of(request.checkout_id)
    if request.operation is Operation.CAPTURE:
        await lifecycle.pay_order(order_id, work)
    elif request.operation is Operation.REFUND:
        await lifecycle.refund_whole_order(order_id, request.reason or NO_REASON, work)


def _as_call_outcome(operation: Operation, outcome: Outcome) -> calls.CallOutcome:
    match outcome:
        case Unknown(detail=detail):
            return calls.Unknown(Reason(OUTCOME_UNKNOWN, detail))
        case Done(reference=reference):
            return calls.Done({"reference": reference})
        case Declined() | ActionNeeded() if operation in MONEY_BACK:
            return calls.Refused(Reason(OUTCOME_UNKNOWN, f"The gateway refuses to {operation}."))
        case Declined(code=code, detail=detail):
            # an unconfirmed authorization still exists at the gateway: it is voided like any other
            return calls.Refused(Reason(code, detail), had_effect=operation is Operation.CONFIRM)
        case ActionNeeded(url=url):
            return calls.ActionNeeded(url)
