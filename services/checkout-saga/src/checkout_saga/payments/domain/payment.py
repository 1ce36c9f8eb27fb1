"""The payment of one checkout: amounts authorized, captured and refunded, in minor units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypedDict, assert_never
from uuid import UUID

from checkout_saga.payments.domain.disputes import DisputeDetails, Disputes
from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from contracts import payment as facts
from kernel.domain import Aggregate


class PaymentStatus(StrEnum):
    NONE = "none"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    DECLINED = "declined"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


class RefundAccounts(NamedTuple):
    """Between which accounts of the ledger a refund moves money; None: the ordinary ones."""

    against: str | None = None
    """``CLEARING``: no paid order accounts for the money."""
    paid_from: str | None = None
    """``BANK``: an operator has found that it was paid outside the gateway."""


CLEARING, BANK = "clearing", "bank"
ORDINARY = RefundAccounts()


class Details(TypedDict):
    """The fields of every fact of a payment but the provider's reference."""

    checkout_id: UUID
    gateway: str
    amount: int
    currency: str
    key: str
    attempt: int | None


class Payment(Aggregate):
    """Each method records an outcome that the provider has given, once: a repeated outcome is ignored."""

    def initialise(self) -> None:
        self.status = PaymentStatus.NONE
        self.checkout_id: UUID | None = None
        self.gateway = ""
        self.currency = ""
        self.authorized = self.captured = self.refunded = 0
        self.capture_reference: str | None = None
        """The provider's id of the capture, which refunds name."""
        self.instrument: str | None = None
        """What it is paid with, encrypted."""
        self.capture_key = ""
        self.declined: set[str] = set()
        """Idempotency keys under which the provider has declined."""
        self.asked: set[str] = set()
        """Those under which it has asked for the customer's action."""
        self.recorded_refunds: dict[tuple[str, str | None], int] = {}
        """The amounts of refunds by idempotency key and the provider's reference."""
        self.refunded_from_clearing = 0
        """Of them, what no paid order accounts for."""
        self.refunds_outside: set[tuple[str, str | None]] = set()
        """Those of them that were not paid by the provider."""
        self.reversed_refunds: set[tuple[str, str | None]] = set()
        """Those of them whose success the provider has taken back."""
        self.disputes = Disputes()

    def authorize(
        self,
        request: PaymentRequest,
        reference: str,
        capture_before: datetime | None = None,
        instrument: str | None = None,
    ) -> None:
        """``capture_before``: when the provider ends the authorization, as far as it tells; so also
        ``instrument``, which is encrypted."""
        if self.status in {PaymentStatus.NONE, PaymentStatus.REQUIRES_ACTION}:
            self.record(
                facts.Authorized(
                    **_details(request),
                    reference=reference,
                    capture_before=capture_before,
                    instrument=instrument,
                )
            )

    def arrive(self, request: PaymentRequest, reference: str) -> None:
        """The money is there, and was never held before: also after the provider has said that it would not
        come."""
        if not self.captured:
            self.record(facts.Authorized(**_details(request), reference=reference, captured=True))
            self.record(facts.Captured(**_details(request), reference=reference))

    def require_action(self, request: PaymentRequest, reference: str, url: str) -> None:
        if request.key not in self.asked:
            self.record(facts.ActionRequired(**_details(request), reference=reference, url=url))

    def capture(self, request: PaymentRequest, reference: str) -> None:
        if self.status is PaymentStatus.AUTHORIZED:
            self.record(facts.Captured(**_details(request), reference=reference))

    def decline(self, request: PaymentRequest, code: str) -> None:
        if request.key not in self.declined:
            self.record(facts.Declined(**_details(request), operation=request.operation, code=code))

    def void(self, request: PaymentRequest, reference: str, amount: int) -> None:
        """``amount``: what is no longer held; 0 if nothing ever was."""
        if self.status is not PaymentStatus.VOIDED:
            self.record(facts.Voided(**_details(replace(request, amount=amount)), reference=reference))

    def refund(
        self, request: PaymentRequest, reference: str, reason: str, accounts: RefundAccounts = ORDINARY
    ) -> None:
        """The provider may pay one request twice, under two references: both count."""
        if (request.key, reference) not in self.recorded_refunds:
            self.record(
                facts.Refunded(
                    **_details(request),
                    reference=reference,
                    reason=reason,
                    against=accounts.against,
                    paid_from=accounts.paid_from,
                )
            )

    def reverse_refund(self, request: PaymentRequest, reference: str) -> bool:
        """False: no such refund counts, or its reversal is recorded already."""
        refund = (request.key, reference)
        if refund not in self.recorded_refunds or refund in self.reversed_refunds:
            return False
        self.record(facts.RefundReversed(**_details(request), reference=reference))
        return True

    def refunded_as(self, key: str) -> str | None:
        """The provider's reference of the refund that it has paid under this key, and not taken back."""
        ended = self.refunds_outside | self.reversed_refunds
        found = (it for it in self.recorded_refunds if it[0] == key and it not in ended)
        return next((reference for _, reference in found), None)

    @property
    def disputed(self) -> int:
        """What open and lost disputes keep from being refunded."""
        return self.disputes.kept

    def open_dispute(self, dispute_id: str, amount: int, reason: str, due_at: datetime | None) -> bool:
        """False: it is recorded already."""
        if self.disputes.knows(dispute_id):
            return False
        which = self._dispute(dispute_id, amount)
        self.record(facts.DisputeOpened(**which, reason=reason, due_at=due_at))
        return True

    def close_dispute(self, dispute_id: str, outcome: str) -> bool:
        """``outcome``: ``WON`` or ``LOST``. False: it is not open."""
        amount = self.disputes.open.get(dispute_id)
        if amount is not None:
            self.record(facts.DisputeClosed(**self._dispute(dispute_id, amount), outcome=outcome))
        return amount is not None

    def _dispute(self, dispute_id: str, amount: int) -> DisputeDetails:
        if self.checkout_id is None:
            raise RuntimeError(f"the payment {self.id} does not exist")
        return DisputeDetails(
            dispute_id=dispute_id,
            checkout_id=self.checkout_id,
            gateway=self.gateway,
            amount=amount,
            currency=self.currency,
        )

    def notify(self, event_id: str, event_type: str, reference: str | None) -> None:
        """The provider has announced an event about this payment: what it means is looked at."""
        self.record(
            facts.Notified(
                gateway=self.gateway, event_id=event_id, event_type=event_type, reference=reference
            )
        )

    def evolve(self, fact: facts.PaymentFact) -> None:  # one case per fact
        if isinstance(fact, facts.Notified):
            return
        self.checkout_id = fact.checkout_id
        self.gateway, self.currency = fact.gateway, fact.currency
        match fact:
            case facts.Authorized(amount=amount):
                self.status, self.authorized = PaymentStatus.AUTHORIZED, amount
                self.instrument = fact.instrument
            case facts.Captured(amount=amount):
                self.status, self.captured = PaymentStatus.CAPTURED, amount
                self.capture_reference, self.capture_key = fact.reference, fact.key
            case facts.Voided():
                self.status = PaymentStatus.VOIDED
            case facts.Refunded():
                self._count_refund(fact)
            case facts.RefundReversed():
                self.reversed_refunds.add((fact.key, fact.reference))
                self._set_refunded(self.refunded - fact.amount)
            case facts.DisputeOpened() | facts.DisputeClosed():
                self.disputes.apply(fact)
            case facts.Declined(operation=operation, key=key):
                self.declined.add(key)
                if operation != Operation.CAPTURE:
                    self.status = PaymentStatus.DECLINED
            case facts.ActionRequired(key=key):
                self.asked.add(key)
                self.status = PaymentStatus.REQUIRES_ACTION
            case _:
                assert_never(fact)

    def _count_refund(self, fact: facts.Refunded) -> None:
        self.recorded_refunds[fact.key, fact.reference] = fact.amount
        if fact.paid_from is not None:
            self.refunds_outside.add((fact.key, fact.reference))
        if fact.against == CLEARING:
            self.refunded_from_clearing += fact.amount
        self._set_refunded(self.refunded + fact.amount)

    def _set_refunded(self, amount: int) -> None:
        self.refunded = amount
        if not amount:
            self.status = PaymentStatus.CAPTURED
        else:
            whole = amount == self.captured
            self.status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED


def _details(request: PaymentRequest) -> Details:
    return {
        "checkout_id": request.checkout_id,
        "gateway": request.gateway,
        "amount": request.amount,
        "currency": request.currency,
        "key": request.key,
        "attempt": request.attempt if request.attempt > 1 else None,
    }
