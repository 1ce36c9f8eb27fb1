"""What follows once the provider has given back money that no sale accounts for, or refuses to."""

from __future__ import annotations

from dataclasses import replace

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.lifecycle import refund_whole_order
from checkout_saga.payments.domain.entries import Entry
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Declined, Done, Operation, PaymentRequest
from checkout_saga.payments.domain.payment import CLEARING, Payment, PaymentStatus, RefundAccounts
from checkout_saga.payments.domain.reversal import refund_of_all
from checkout_saga.payments.use_cases import NO_REASON
from checkout_saga.reconciliation.domain.codes import NOT_GIVEN_BACK
from checkout_saga.reconciliation.domain.judging import Known
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.use_cases.comparing import (
    MATCHED,
    OPEN,
    REPAIRED,
    Account,
    difference_of,
)
from checkout_saga.reconciliation.use_cases.differences import note_difference
from kernel.unit_of_work import UnitOfWork


async def record_given_back(
    entry: Entry, request: PaymentRequest, outcome: Done | Declined, account: Account, work: UnitOfWork
) -> Counts:
    """A checkout that the log does not know gets no facts: its authorization has just ended."""
    payment = await work.open(Payment, request.payment_id)
    checkout = await work.open(Checkout, request.checkout_id)
    order = await work.open(Order, order_id_of(request.checkout_id))
    if isinstance(outcome, Declined):
        found = difference_of(entry, NOT_GIVEN_BACK, Known(payment, checkout, order), account)
        return OPEN if await note_difference(found, entry, work) else MATCHED
    if not checkout.exists:
        return REPAIRED
    if not outcome.captured:
        payment.void(request, outcome.reference, outcome.amount)
        return REPAIRED
    _capture(payment, request, entry)
    against = None if order.paid else CLEARING
    refund = refund_of_all(request)
    payment.refund(refund, outcome.reference, request.reason or NO_REASON, RefundAccounts(against=against))
    await refund_whole_order(order.id, request.reason or NO_REASON, work)
    return REPAIRED


def _capture(payment: Payment, void: PaymentRequest, entry: Entry) -> None:
    """What was not known is recorded before the refund: the authorization, and the capture."""

    def request(operation: Operation, key: str) -> PaymentRequest:
        return replace(void, operation=operation, key=key)

    authorize = idempotency_key(void.checkout_id, Operation.AUTHORIZE, void.attempt)
    capture = idempotency_key(void.checkout_id, Operation.CAPTURE)
    if payment.status in {PaymentStatus.NONE, PaymentStatus.REQUIRES_ACTION, PaymentStatus.AUTHORIZED}:
        payment.authorize(request(Operation.AUTHORIZE, authorize), entry.reference)
        payment.capture(request(Operation.CAPTURE, capture), entry.reference)
    else:
        payment.arrive(request(Operation.AUTHORIZE, authorize), entry.reference)
