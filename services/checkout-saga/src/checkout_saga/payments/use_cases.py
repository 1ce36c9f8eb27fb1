"""Record on a payment what the provider has answered."""

from __future__ import annotations

from typing import assert_never

from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.payment import ORDINARY, Payment, RefundAccounts
from kernel.unit_of_work import UnitOfWork

MONEY_BACK = {Operation.VOID, Operation.REFUND}
NO_REASON = "given up"
"""Recorded for a refund without a reason of its own."""


async def record_on_payment(
    request: PaymentRequest, outcome: Outcome, work: UnitOfWork, accounts: RefundAccounts = ORDINARY
) -> Payment:
    """``accounts``: of a refund. An unknown outcome leaves no fact, nor does one that only the provider can
    bring about, nor a void or refund that is refused: they are repeated."""
    payment = await work.open(Payment, request.payment_id)
    match outcome:
        case Done():
            _record_done(payment, request, outcome, accounts)
        case Unknown():
            pass
        case Declined() | ActionNeeded() if request.operation in MONEY_BACK:
            pass
        case ActionNeeded(kind="wait"):
            pass
        case ActionNeeded(reference=reference, url=url):
            payment.require_action(request, reference, url or "")
        case Declined(code=code):
            payment.decline(request, code)
        case _:
            assert_never(outcome)
    return payment


def _record_done(payment: Payment, request: PaymentRequest, done: Done, accounts: RefundAccounts) -> None:
    match request.operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            if done.captured:
                payment.arrive(request, done.reference)
            else:
                payment.authorize(request, done.reference, done.capture_before, done.sealed)
        case Operation.CAPTURE:
            payment.capture(request, done.reference)
        case Operation.VOID:
            payment.void(request, done.reference, done.amount)
        case Operation.REFUND:
            payment.refund(request, done.reference, request.reason or NO_REASON, accounts)
        case _:
            assert_never(request.operation)
