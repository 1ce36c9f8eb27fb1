"""What an entry of the provider's list means, beside what the log has of the same payment."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, assert_never

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import Refund
from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState
from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Operation
from checkout_saga.payments.domain.payment import Payment, PaymentStatus

HELD_FOR_NOTHING_AFTER = timedelta(hours=1)
"""An authorization without a checkout may belong to one that is about to be recorded."""


class Verdict(StrEnum):
    MATCHED = "matched"
    LATER = "later"
    """Too young to be judged, or another entry of the same payment decides."""
    ASK_AGAIN = "ask_again"
    """A call about it is under way, or has ended otherwise here: the provider is asked by key."""
    GIVE_BACK = "give_back"
    """No sale accounts for it: the authorization is ended, or the captured money refunded."""
    REVERSED = "reversed"
    """The provider has taken the success of a refund back."""
    DISPUTED = "disputed"
    MOVED = "moved"
    """A fee or a payout, which needs no payment."""
    MONEY_FOUND = "MONEY_FOUND"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    REFUND_NOT_ASKED_FOR = "REFUND_NOT_ASKED_FOR"
    REFUND_REVERSED = "REFUND_REVERSED"
    """Not of an order, so it cannot be refundable again: only an operator can pay it."""
    DISPUTE_WITHOUT_PAYMENT = "DISPUTE_WITHOUT_PAYMENT"


DIFFERENCES = frozenset(it for it in Verdict if it.value.isupper())
"""What an operator has to resolve; their values are the codes of differences."""


class Known(NamedTuple):
    """What the log has of an entry's payment; each may be without facts."""

    payment: Payment
    checkout: Checkout
    order: Order

    @property
    def is_under_way(self) -> bool:
        return self.checkout.exists and not self.checkout.ended

    @property
    def has_failed(self) -> bool:
        return self.checkout.exists and self.checkout.status == "failed"

    def refund_of(self, entry: Entry) -> Refund | None:
        """The refund of the order that was requested under the entry's key."""
        refund_id = self.order.refund_under(entry.key)
        return self.order.refunds[refund_id] if refund_id else None


def judge(entry: Entry, known: Known, now: datetime) -> Verdict:
    match entry.kind:
        case EntryKind.AUTHORIZATION:
            return _authorization(entry, known, now)
        case EntryKind.CAPTURE:
            return _capture(entry, known)
        case EntryKind.REFUND:
            return _refund(entry, known)
        case EntryKind.DISPUTE:
            return Verdict.DISPUTED if known.payment.captured else Verdict.DISPUTE_WITHOUT_PAYMENT
        case EntryKind.FEE | EntryKind.PAYOUT:
            return Verdict.MOVED
        case _:
            assert_never(entry.kind)


def _authorization(entry: Entry, known: Known, now: datetime) -> Verdict:
    payment = known.payment
    if known.is_under_way:
        held = payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}
        return Verdict.MATCHED if held else Verdict.ASK_AGAIN
    if payment.captured:
        return Verdict.MATCHED  # the missing capture is found from the side of the log
    is_old = now - entry.at >= HELD_FOR_NOTHING_AFTER
    is_ours = known.checkout.exists or (entry.names_tenant and entry.checkout_id)
    return Verdict.GIVE_BACK if is_old and is_ours and entry.payment_id else Verdict.LATER


def _capture(entry: Entry, known: Known) -> Verdict:
    payment = known.payment
    if payment.captured:
        if (payment.captured, payment.currency) != (entry.amount, entry.currency):
            return Verdict.AMOUNT_DIFFERS
        is_owed = known.has_failed and not payment.refunded
        return Verdict.GIVE_BACK if is_owed else Verdict.MATCHED
    if known.is_under_way:
        return Verdict.ASK_AGAIN
    return Verdict.GIVE_BACK if known.has_failed and entry.payment_id else Verdict.MONEY_FOUND


def _refund(entry: Entry, known: Known) -> Verdict:
    payment, refund = known.payment, known.refund_of(entry)
    recorded = {reference: it for it in payment.recorded_refunds if (reference := it[1])}
    ours = recorded.get(entry.reference)
    if entry.state is EntryState.FAILED:
        if ours is None or ours in payment.reversed_refunds:
            return Verdict.MATCHED
        return Verdict.REVERSED if refund else Verdict.REFUND_REVERSED
    if ours is not None:
        same = (payment.recorded_refunds[ours], payment.currency) == (entry.amount, entry.currency)
        return Verdict.MATCHED if same else Verdict.AMOUNT_DIFFERS
    if refund is not None:
        if entry.reference in refund.paid_twice:
            return Verdict.MATCHED  # the order has called an operator already
        return Verdict.REFUND_NOT_ASKED_FOR if refund.is_for_people else Verdict.ASK_AGAIN
    if entry.checkout_id and entry.key == idempotency_key(entry.checkout_id, Operation.REFUND):
        return Verdict.ASK_AGAIN if known.is_under_way else Verdict.LATER
    return Verdict.REFUND_NOT_ASKED_FOR
