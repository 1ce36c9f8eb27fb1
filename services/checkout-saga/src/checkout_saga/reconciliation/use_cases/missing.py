"""The other way round: what the log has, and the provider's list does not. Each is looked up by its key: only
what the provider then does not know is a difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias
from uuid import UUID

from checkout_saga.payments.domain.entries import Entry, EntryKind
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome, PaymentRequest
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.payments.domain.resolution import MANUAL_REFERENCE
from checkout_saga.reconciliation.domain.codes import NOT_AT_PROVIDER
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.use_cases.comparing import MATCHED, NEITHER, OPEN, Account, attempt_of
from checkout_saga.reconciliation.use_cases.differences import note_difference
from contracts import reconciliation as facts
from kernel.unit_of_work import UnitOfWork

Mark: TypeAlias = tuple[EntryKind, UUID | None, str]
"""By which a movement of the log is found in the provider's list."""


class Recorded(NamedTuple):
    """A capture or a refund of the log, as a request by which it can be looked up."""

    kind: EntryKind
    reference: str
    request: PaymentRequest

    @property
    def mark(self) -> Mark:
        return _mark(self.kind, self.request.payment_id, self.reference)


async def recorded_of(payment_ids: Iterable[UUID], account: Account, work: UnitOfWork) -> list[Recorded]:
    """The captures and refunds of these payments at the account's provider."""
    payments = await work.open_many(Payment, payment_ids)
    return [
        one
        for payment in payments.values()
        if payment.gateway == account.gateway and payment.checkout_id is not None
        for one in _of_payment(payment, payment.checkout_id, account, work.context.tenant)
    ]


def _of_payment(payment: Payment, checkout_id: UUID, account: Account, tenant: str) -> Iterable[Recorded]:
    def request(operation: Operation, key: str, amount: int) -> PaymentRequest:
        return PaymentRequest(
            operation=operation,
            key=key,
            gateway=account.gateway,
            merchant=tenant,
            payment_id=payment.id,
            checkout_id=checkout_id,
            amount=amount,
            currency=payment.currency,
            account_id=account.id,
            attempt=attempt_of(payment.id, checkout_id),
            reference=payment.capture_reference,
        )

    if payment.captured:
        # money that was never held is known at the provider by its authorization
        pushed = not payment.capture_key.startswith(f"{checkout_id}:{Operation.CAPTURE}:")
        operation = Operation.AUTHORIZE if pushed else Operation.CAPTURE
        asked = request(operation, payment.capture_key, payment.captured)
        yield Recorded(EntryKind.CAPTURE, payment.capture_reference or "", asked)
    for (key, reference), amount in payment.recorded_refunds.items():
        ended = payment.refunds_outside | payment.reversed_refunds
        if reference in {None, MANUAL_REFERENCE} or (key, reference) in ended:
            continue  # the provider has not paid it, or an operator names nothing to look for
        yield Recorded(EntryKind.REFUND, reference or "", request(Operation.REFUND, key, amount))


def listed(entries: Iterable[Entry]) -> set[Mark]:
    return {_mark(it.kind, it.payment_id, it.reference) for it in entries}


def _mark(kind: EntryKind, payment_id: UUID | None, reference: str) -> Mark:
    """A payment is captured once, so its capture needs no reference."""
    return kind, payment_id, "" if kind is EntryKind.CAPTURE else reference


async def record_missing(one: Recorded, known: Outcome | None, account: Account, work: UnitOfWork) -> Counts:
    """``known``: what the provider says under the key."""
    request = one.request
    if isinstance(known, Done):
        return MATCHED
    if known is not None and not isinstance(known, Declined):
        return NEITHER  # it answers nothing certain: the next run asks again
    found = facts.DifferenceFound(
        account_id=account.id,
        gateway=account.gateway,
        code=NOT_AT_PROVIDER,
        kind=one.kind,
        reference=one.reference,
        currency=request.currency,
        ours=request.amount,
        payment_id=request.payment_id,
        checkout_id=request.checkout_id,
    )
    return OPEN if await note_difference(found, None, work) else MATCHED
