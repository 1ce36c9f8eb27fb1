"""What follows from an entry of the provider's list: it is matched, repaired, or left to an operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.provider_events import ask_again
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.refund_requests import check_gateway
from checkout_saga.orders.use_cases.reversals import reverse_refund
from checkout_saga.payments.domain.disputes import LOST, OPEN_DISPUTE, WON, open_dispute_key
from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState
from checkout_saga.payments.domain.names import MAX_ATTEMPTS, idempotency_key, payment_id_of
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.payments.domain.reversal import refund_of_all
from checkout_saga.reconciliation.domain.judging import DIFFERENCES, Known, Verdict, judge
from checkout_saga.reconciliation.domain.movement import Movement, movement_id
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.use_cases.differences import note_difference
from contracts import reconciliation as facts
from kernel.domain import Aggregate
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork

MATCHED, REPAIRED, OPEN = Counts(matched=1), Counts(repaired=1), Counts(open=1)
NEITHER = Counts()


class Account(NamedTuple):
    id: UUID
    gateway: str


async def unmatched(entries: Sequence[Entry], work: UnitOfWork) -> list[Entry]:
    """Those entries from which something follows."""
    checkouts = {it.checkout_id for it in entries if it.checkout_id}
    streams: list[tuple[type[Aggregate], UUID]] = [
        (Payment, it.payment_id) for it in entries if it.payment_id
    ]
    streams += [(Checkout, it) for it in checkouts] + [(Order, order_id_of(it)) for it in checkouts]
    await work.preload(streams)
    return [it for it in entries if judge(it, await _known(it, work), work.now) is not Verdict.MATCHED]


async def settle(entry: Entry, account: Account, work: UnitOfWork) -> Counts | PaymentRequest:
    """Record what follows; a request: the provider has to be called first, to give the money back."""
    known = await _known(entry, work)
    verdict = judge(entry, known, work.now)
    if verdict in DIFFERENCES:
        found = difference_of(entry, verdict, known, account)
        return OPEN if await note_difference(found, entry, work) else MATCHED
    match verdict:
        case Verdict.ASK_AGAIN:
            return REPAIRED if await _ask_again(entry, known, work) else NEITHER
        case Verdict.GIVE_BACK:
            return giving_back_of(entry, known, account, work.context.tenant)
        case Verdict.REVERSED:
            await _reverse(entry, known, work)
            return REPAIRED
        case Verdict.DISPUTED:
            return REPAIRED if _dispute(entry, known.payment, account, work) else MATCHED
        case Verdict.MOVED:
            movement = await work.open(Movement, movement_id(account.id, entry))
            movement.note(entry, account.id, account.gateway)
            return MATCHED
        case Verdict.LATER:
            return NEITHER
    return MATCHED


async def _known(entry: Entry, work: UnitOfWork) -> Known:
    """What names no payment, or no checkout, has empty ones."""
    payment = await work.open(Payment, entry.payment_id) if entry.payment_id else Payment.empty(NIL_ID)
    checkout_id = payment.checkout_id or entry.checkout_id
    if checkout_id is None:
        return Known(payment, Checkout.empty(NIL_ID), Order.empty(NIL_ID))
    order = await work.open(Order, order_id_of(checkout_id))
    return Known(payment, await work.open(Checkout, checkout_id), order)


async def _ask_again(entry: Entry, known: Known, work: UnitOfWork) -> bool:
    refund_id = known.order.refund_under(entry.key) if entry.kind is EntryKind.REFUND else None
    if refund_id is None or known.order.refunds[refund_id].is_pending:
        return await ask_again(known.payment.id, known.checkout.id, work)
    check_gateway(known.order, refund_id, work.now, work)
    return True


async def _reverse(entry: Entry, known: Known, work: UnitOfWork) -> None:
    refund_id = known.order.refund_under(entry.key)
    if refund_id and entry.key:
        await reverse_refund(known.order, refund_id, entry.key, entry.reference, entry.detail, work)


def _dispute(entry: Entry, payment: Payment, account: Account, work: UnitOfWork) -> bool:
    """False: all of it is recorded already."""
    key = open_dispute_key(account.gateway, entry.reference)
    was_open = entry.reference in payment.disputes.open
    opened = payment.open_dispute(entry.reference, entry.amount, entry.detail, entry.due_at)
    outcome = {EntryState.WON: WON, EntryState.LOST: LOST}.get(entry.state)
    closed = outcome is not None and payment.close_dispute(entry.reference, outcome)
    if opened and not closed and payment.checkout_id:
        work.claim_key(OPEN_DISPUTE, key, payment.checkout_id)
    if closed and was_open:
        work.release_key(OPEN_DISPUTE, key)
    return opened or closed


async def open_disputes(account: Account, work: UnitOfWork) -> frozenset[str]:
    """The provider's ids of the recorded disputes that have not ended, so far as is known."""
    prefix = open_dispute_key(account.gateway, "")
    return frozenset(it.removeprefix(prefix) for it in await work.keys_with_prefix(OPEN_DISPUTE, prefix))


def difference_of(entry: Entry, code: str, known: Known, account: Account) -> facts.DifferenceFound:
    ours = {EntryKind.CAPTURE: known.payment.captured, EntryKind.REFUND: _refunded_as(entry, known.payment)}
    return facts.DifferenceFound(
        account_id=account.id,
        gateway=account.gateway,
        code=code,
        kind=entry.kind,
        reference=entry.reference,
        currency=entry.currency,
        theirs=entry.amount,
        ours=ours.get(entry.kind) or None,
        payment_id=entry.payment_id,
        checkout_id=entry.checkout_id,
    )


def _refunded_as(entry: Entry, payment: Payment) -> int:
    return sum(
        amount for (_, reference), amount in payment.recorded_refunds.items() if reference == entry.reference
    )


def giving_back_of(entry: Entry, known: Known, account: Account, tenant: str) -> PaymentRequest:
    """The void of an authorization, or the refund of all that was captured: each names what is listed.
    ``judge`` has seen to it that there are both ids."""
    checkout_id = known.payment.checkout_id or entry.checkout_id
    if entry.payment_id is None or checkout_id is None:
        raise RuntimeError(f"the {entry.kind} {entry.reference} names no payment")
    attempt = attempt_of(entry.payment_id, checkout_id)
    void = PaymentRequest(
        operation=Operation.VOID,
        key=idempotency_key(checkout_id, Operation.VOID, attempt),
        gateway=account.gateway,
        merchant=tenant,
        payment_id=entry.payment_id,
        checkout_id=checkout_id,
        amount=entry.amount,
        currency=entry.currency,
        reason="reconciliation",
        account_id=account.id,
        attempt=attempt,
        reference=entry.reference,
        requested_at=entry.at,
    )
    return refund_of_all(void) if entry.kind is EntryKind.CAPTURE else void


def attempt_of(payment_id: UUID, checkout_id: UUID) -> int:
    attempts: Iterable[int] = range(1, MAX_ATTEMPTS + 1)
    return next((it for it in attempts if payment_id_of(checkout_id, it) == payment_id), 1)
