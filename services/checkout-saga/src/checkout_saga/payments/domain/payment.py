"""The payment of one checkout: amounts authorized, captured and refunded, in minor units."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TypedDict, assert_never
from uuid import UUID

from checkout_saga.payments.domain.operation import Operation, PaymentRequest
from contracts import payment as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id


class PaymentStatus(StrEnum):
    NONE = "none"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    DECLINED = "declined"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


class Details(TypedDict):
    """The fields of every fact of a payment but the provider's reference."""

    checkout_id: UUID
    gateway: str
    amount: int
    currency: str
    key: str


class Payment(Aggregate):
    """Each method records an outcome that the provider has given, once: a repeated outcome is ignored."""

    def initialise(self) -> None:
        self.status = PaymentStatus.NONE
        self.gateway = ""
        self.currency = ""
        self.authorized = self.captured = self.refunded = 0
        self.unsuccessful: set[str] = set()
        """Idempotency keys under which the provider has declined, or has asked for the customer's action."""
        self.recorded_refunds: set[tuple[str, str | None]] = set()
        """Refunds by idempotency key and the provider's reference."""

    def authorize(self, request: PaymentRequest, reference: str) -> None:
        if self.status in {PaymentStatus.NONE, PaymentStatus.REQUIRES_ACTION}:
            self.record(facts.Authorized(**_details(request), reference=reference))

    def require_action(self, request: PaymentRequest, reference: str, url: str) -> None:
        if request.key not in self.unsuccessful:
            self.record(facts.ActionRequired(**_details(request), reference=reference, url=url))

    def capture(self, request: PaymentRequest, reference: str) -> None:
        if self.status is PaymentStatus.AUTHORIZED:
            self.record(facts.Captured(**_details(request), reference=reference))

    def decline(self, request: PaymentRequest, code: str) -> None:
        if request.key not in self.unsuccessful:
            self.record(facts.Declined(**_details(request), operation=request.operation, code=code))

    def void(self, request: PaymentRequest, reference: str, amount: int) -> None:
        """``amount``: what is no longer held; 0 if nothing ever was."""
        if self.status is not PaymentStatus.VOIDED:
            self.record(facts.Voided(**_details(replace(request, amount=amount)), reference=reference))

    def refund(self, request: PaymentRequest, reference: str, reason: str) -> None:
        """The provider may pay one request twice, under two references: both count."""
        if (request.key, reference) not in self.recorded_refunds:
            self.record(facts.Refunded(**_details(request), reference=reference, reason=reason))

    def evolve(self, fact: facts.PaymentFact) -> None:
        self.gateway, self.currency = fact.gateway, fact.currency
        match fact:
            case facts.Authorized(amount=amount):
                self.status, self.authorized = PaymentStatus.AUTHORIZED, amount
            case facts.Captured(amount=amount):
                self.status, self.captured = PaymentStatus.CAPTURED, amount
            case facts.Voided():
                self.status = PaymentStatus.VOIDED
            case facts.Refunded():
                self._refunded(fact)
            case facts.Declined(operation=operation, key=key):
                self.unsuccessful.add(key)
                if operation != Operation.CAPTURE:
                    self.status = PaymentStatus.DECLINED
            case facts.ActionRequired(key=key):
                self.unsuccessful.add(key)
                self.status = PaymentStatus.REQUIRES_ACTION
            case _:
                assert_never(fact)

    def _refunded(self, fact: facts.Refunded) -> None:
        self.refunded += fact.amount
        self.recorded_refunds.add((fact.key, fact.reference))
        whole = self.refunded == self.captured
        self.status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED


def _details(request: PaymentRequest) -> Details:
    return {
        "checkout_id": request.checkout_id,
        "gateway": request.gateway,
        "amount": request.amount,
        "currency": request.currency,
        "key": request.key,
    }


def payment_id_of(checkout_id: UUID) -> UUID:
    """Derived, so that a checkout has one payment."""
    return derive_id(checkout_id, "payment")


def idempotency_key(checkout_id: UUID, operation: str, intent: int = 1) -> str:
    """The key under which the provider performs one intent once. A new intent has the next number."""
    return f"{checkout_id}:{operation}:{intent}"
