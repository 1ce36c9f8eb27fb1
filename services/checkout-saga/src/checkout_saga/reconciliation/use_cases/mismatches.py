"""An answer of a provider that is about another payment than the call: the outcome stays unknown, and an
operator is called."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.payments.domain.operation import PaymentRequest
from checkout_saga.reconciliation.domain.codes import ANSWER_MISMATCH
from checkout_saga.reconciliation.use_cases.differences import note_difference
from contracts import reconciliation as facts
from kernel.unit_of_work import UnitOfWork


async def note_mismatch(request: PaymentRequest, account: UUID, detail: str, work: UnitOfWork) -> None:
    """Noted once for a call, however often it is repeated. ``detail``: what differs."""
    found = facts.DifferenceFound(
        account_id=account,
        gateway=request.gateway,
        code=ANSWER_MISMATCH,
        kind=request.operation,
        reference=request.key,
        currency=request.currency,
        ours=request.amount,
        payment_id=request.payment_id,
        checkout_id=request.checkout_id,
        detail=detail,
    )
    await note_difference(found, None, work)
