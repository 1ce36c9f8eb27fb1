"""A checkout's payment operations: their requests, and what follows from their outcomes."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.actions import SCREEN
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.definitions import ATTEMPTS_SINCE
from checkout_saga.checkout.domain.step_names import AUTHORIZE, CAPTURE
from checkout_saga.checkout.use_cases.attempts import (
    PAYMENT_LOOK,
    authorization_data,
    take_look,
    take_outcome,
)
from checkout_saga.checkout.use_cases.expiring import watch_authorization
from checkout_saga.checkout.use_cases.reviewing import begin_due_review
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.fraud.domain.signals import DECLINE, PAID
from checkout_saga.fraud.use_cases.noting import note_outcome
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases import lifecycle
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import CLEARING, ORDINARY, Payment, RefundAccounts
from checkout_saga.payments.use_cases import MONEY_BACK, NO_REASON, record_on_payment
from kernel.domain import Aggregate
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
    return _request(checkout, operation, merchant)


def to_be_screened(checkout: Checkout, merchant: str) -> PaymentRequest | None:
    """The authorization that is screened before it is asked for; None: none waits for that."""
    if CHECKOUTS.workflow.step_of_call(checkout, SCREEN) is None:
        return None
    return _request(checkout, Operation.AUTHORIZE, merchant)


def look_at(checkout: Checkout, payment_id: UUID, merchant: str) -> PaymentRequest | None:
    """The request to look at the payment that the checkout waits for, without changing it; None: it does not
    wait for this one."""
    waits = checkout.waiting is not None and checkout.action is not None and not checkout.in_review
    if not waits or checkout.attempt_now.payment_id != payment_id:
        return None
    return _request(checkout, Operation.AUTHORIZE, merchant)


def _request(checkout: Checkout, operation: Operation, merchant: str) -> PaymentRequest:
    sale, attempt = checkout.agreed_sale, checkout.attempt_now
    is_first = operation is Operation.AUTHORIZE
    return PaymentRequest(
        operation=operation,
        key=_key(checkout, operation),
        gateway=attempt.gateway,
        merchant=merchant,
        payment_id=attempt.payment_id,
        checkout_id=checkout.id,
        amount=sale.totals.total,
        currency=sale.currency,
        payment_token=attempt.token or None if is_first else None,
        customer_id=checkout.customer_id,
        reason=checkout.failure.code if checkout.failure else None,
        method=attempt.method,
        attempt=attempt.number,
        reference=_reference(checkout, operation),
        return_url=attempt.return_url,
        save=checkout.save,
        off_session=is_first and checkout.origin is not None,
        instalments=attempt.instalments,
        expires_at=attempt.pay_until,
        requested_at=attempt.begun_at,
        billing_details=checkout.personal if is_first and attempt.is_push else None,
    )


def _reference(checkout: Checkout, operation: Operation) -> str | None:
    """The provider's id of what the operation is about."""
    steps = (CAPTURE, AUTHORIZE) if operation is Operation.REFUND else (AUTHORIZE,)
    known = (checkout.steps[it].data.get("reference") for it in steps if checkout.is_done(it))
    return next((it for it in known if it), checkout.attempt_now.reference)


def _key(checkout: Checkout, operation: Operation) -> str:
    """One intent per operation and attempt, except the confirmation: each return of the customer is a new
    intent. A checkout has one capture and one compensating refund, for any number of
    attempts."""
    attempt = checkout.attempt_now
    intent: int | str = 1
    if checkout.definition < ATTEMPTS_SINCE:
        intent = checkout.attempt(AUTHORIZE) if operation is Operation.CONFIRM else 1
    elif operation is Operation.CONFIRM:
        intent = f"{attempt.number}-{attempt.confirmations}"
    elif operation in {Operation.AUTHORIZE, Operation.VOID}:
        intent = attempt.number
    return idempotency_key(checkout.id, operation, intent)


async def payment_to_look_at(
    payment_id: UUID, checkout_id: UUID | None, work: UnitOfWork
) -> PaymentRequest | None:
    """The request to look at the payment now; None if no checkout waits for it: then its timer is cancelled.
    ``checkout_id``: None if it is not known yet."""
    if checkout_id is None:
        checkout_id = (await work.open(Payment, payment_id)).checkout_id
    checkout = await work.open(Checkout, checkout_id) if checkout_id else None
    request = look_at(checkout, payment_id, work.context.tenant) if checkout else None
    if request is None:
        work.cancel_timer(PAYMENT_LOOK, payment_id)
    return request


async def record_look(request: PaymentRequest, outcome: Outcome, work: UnitOfWork) -> None:
    """Record what the provider says of a payment that a checkout waits for."""
    checkout = await work.open(Checkout, request.checkout_id)
    if look_at(checkout, request.payment_id, request.merchant) is None:
        work.cancel_timer(PAYMENT_LOOK, request.payment_id)
        return
    await record_on_payment(request, outcome, work)
    _note_decline(checkout, request, outcome, work)
    await take_look(checkout, outcome, work)
    await begin_due_review(checkout, work)
    watch_authorization(checkout, work)


async def record_outcome(request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork) -> None:
    """Record the outcome of a call, in the payment and the order, together with all that follows from it."""
    order = Order, order_id_of(request.checkout_id)
    if request.operation is Operation.AUTHORIZE:
        work.assume_absent(Payment, request.payment_id)
        work.assume_absent(*order)
    await work.preload(
        [(Checkout, request.checkout_id), (Payment, request.payment_id), order, *_buyer(request, work)]
    )
    checkout = await work.open(Checkout, request.checkout_id)
    if CHECKOUTS.workflow.step_of_call(checkout, request.operation):
        if request.key != _key(checkout, request.operation):
            return  # the customer has returned once more: the outcome of the newer call counts
        await record_on_payment(request, outcome, work, await _accounts(request, work))
        _note_decline(checkout, request, outcome, work)
        if isinstance(outcome, Done):
            await _record_on_order(request, checkout, work)
        if await take_outcome(checkout, request, outcome, work):
            await begin_due_review(checkout, work)
            return
    result = _as_call_outcome(request.operation, outcome)
    await calls.on_outcome(CHECKOUTS, checkout, request.operation, result, tries, work)
    await begin_due_review(checkout, work)
    watch_authorization(checkout, work)


def _buyer(request: PaymentRequest, work: UnitOfWork) -> list[tuple[type[Aggregate], UUID]]:
    """With the capture the order is paid, on which the customer's segments depend."""
    if request.operation is not Operation.CAPTURE or request.customer_id is None:
        return []
    return [(Customer, customer_stream_id(work.context.tenant, request.customer_id))]


async def _accounts(request: PaymentRequest, work: UnitOfWork) -> RefundAccounts:
    """The money of a capture without a paid order is given back from where it stands: in clearing."""
    if request.operation is Operation.REFUND:
        order = await work.open(Order, order_id_of(request.checkout_id))
        return RefundAccounts(against=None if order.paid else CLEARING)
    return ORDINARY


def _note_decline(checkout: Checkout, request: PaymentRequest, outcome: Outcome, work: UnitOfWork) -> None:
    """For the fraud rules. It is the customer's instrument only until the money is held."""
    is_first = request.operation in {Operation.AUTHORIZE, Operation.CONFIRM}
    if is_first and isinstance(outcome, Declined) and checkout.attempt_now.screening:
        note_outcome(request.payment_id, DECLINE, work)


async def _record_on_order(request: PaymentRequest, checkout: Checkout, work: UnitOfWork) -> None:
    order_id = order_id_of(checkout.id)
    if request.operation is Operation.CAPTURE:
        if checkout.attempt_now.screening:
            note_outcome(request.payment_id, PAID, work)
        await lifecycle.pay_order(order_id, work)
    elif request.operation is Operation.REFUND:
        await lifecycle.refund_whole_order(order_id, request.reason or NO_REASON, work)


def _as_call_outcome(operation: Operation, outcome: Outcome) -> calls.CallOutcome:
    match outcome:
        case Unknown(detail=detail, after=after):
            return calls.Unknown(Reason(OUTCOME_UNKNOWN, detail), after)
        case Done():
            return calls.Done(authorization_data(outcome))
        case Declined() if operation in MONEY_BACK:
            return calls.Refused(Reason(OUTCOME_UNKNOWN, f"The gateway refuses to {operation}."))
        case Declined(code=code, detail=detail):
            # an unconfirmed authorization still exists at the gateway: it is voided like any other
            return calls.Refused(Reason(code, detail), had_effect=operation is Operation.CONFIRM)
        case ActionNeeded(url=url, kind=kind):
            if url is None or operation in MONEY_BACK:  # nothing that a customer could open
                detail = f"The provider answers {operation} with {kind}."
                return calls.Unknown(Reason(OUTCOME_UNKNOWN, detail))
            return calls.ActionNeeded(url)
