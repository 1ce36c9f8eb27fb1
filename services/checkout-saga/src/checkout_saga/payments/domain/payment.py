"""The payment of one checkout: amounts authorized, captured and refunded, in minor units."""

from __future__ import annotations

from typing import TypedDict, Unpack, assert_never
from uuid import UUID

from contracts import payment as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id


class Details(TypedDict):
    """The fields of every fact of a payment; ``amount`` in minor units."""

    checkout_id: UUID
    gateway: str
    amount: int
    currency: str
    key: str
    reference: str | None


class Payment(Aggregate):
    def initialise(self) -> None:
        self.status = "none"
        self.gateway = ""
        self.currency = ""
        self.authorized = self.captured = self.refunded = 0
        self.recorded_refunds: set[tuple[str, str | None]] = set()
        """Refunds by idempotency key and the gateway's reference."""

    def authorize(self, **details: Unpack[Details]) -> None:
        self.record(facts.Authorized(**details))

    def capture(self, **details: Unpack[Details]) -> None:
        """Ignores a repeated outcome."""
        if self.status == "authorized":
            self.record(facts.Captured(**details))

    def void(self, **details: Unpack[Details]) -> None:
        if self.status != "voided":
            self.record(facts.Voided(**details))

    def refund(self, reason: str, **details: Unpack[Details]) -> None:
        self.record(facts.Refunded(reason=reason, **details))

    def decline(self, operation: str, code: str, **details: Unpack[Details]) -> None:
        self.record(facts.Declined(operation=operation, code=code, **details))

    def require_action(self, url: str, **details: Unpack[Details]) -> None:
        self.record(facts.ActionRequired(url=url, **details))

    def evolve(self, fact: facts.PaymentFact) -> None:
        self.gateway, self.currency = fact.gateway, fact.currency
        match fact:
            case facts.Authorized(amount=amount):
                self.status, self.authorized = "authorized", amount
            case facts.Captured(amount=amount):
                self.status, self.captured = "captured", amount
            case facts.Voided():
                self.status = "voided"
            case facts.Refunded(amount=amount):
                self.refunded += amount
                self.recorded_refunds.add((fact.key, fact.reference))
                self.status = "refunded" if self.refunded == self.captured else "partially_refunded"
            case facts.Declined(operation=operation):
                self.status = self.status if operation == "capture" else "declined"
            case facts.ActionRequired():
                self.status = "requires_action"
            case _:
                assert_never(fact)


def payment_id_of(checkout_id: UUID) -> UUID:
    """Derived, so that a checkout has one payment."""
    return derive_id(checkout_id, "payment")


def idempotency_key(checkout_id: UUID, operation: str, intent: int = 1) -> str:
    """The key under which the gateway performs one intent once. A new intent has the next number."""
    return f"{checkout_id}:{operation}:{intent}"
