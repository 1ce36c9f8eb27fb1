"""A tenant's fraud rules: what is counted, over which time, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from checkout_saga.fraud.domain.signals import (
    ADDRESS,
    AMOUNT,
    ATTEMPT,
    BAD_CODE,
    CUSTOMER,
    DECLINE,
    INSTRUMENT,
    INSTRUMENTS,
    PAID,
    TAMPERING,
)
from contracts import fraud_rules as facts
from contracts.fraud_rules import Bound, Condition, FraudRule
from kernel.domain import Aggregate
from kernel.ids import derive_id
from pricing.money import minor_units

TENANTS = UUID("3c9d4a5e-7f0b-4c8e-9a51-2f6f1f0d8e21")

ALLOW, REVIEW, DENY = "allow", "review", "deny"
STRICTNESS = (ALLOW, REVIEW, DENY)
"""Rising."""


def _counting(
    id_: str, counted: str, dimension: str, window: int, threshold: int, decision: str
) -> FraudRule:
    return FraudRule(
        id=id_,
        enabled=True,
        signal=counted,
        dimension=dimension,
        window_seconds=window,
        threshold=threshold,
        decision=decision,
    )


SMALL, LARGE = Condition(below=Bound(amount=200)), Condition(at_least=Bound(amount=500_000))
DEFAULTS: tuple[FraudRule, ...] = (
    _counting("01-instrument-declines", DECLINE, INSTRUMENT, 600, 3, DENY),
    _counting("02-address-declines", DECLINE, ADDRESS, 3600, 5, DENY),
    _counting("03-customer-attempts-deny", ATTEMPT, CUSTOMER, 600, 10, DENY),
    _counting("04-customer-attempts-review", ATTEMPT, CUSTOMER, 600, 5, REVIEW),
    _counting("05-many-instruments", INSTRUMENTS, CUSTOMER, 3600, 4, DENY),
    _counting("06-small-amounts", ATTEMPT, ADDRESS, 600, 3, DENY).model_copy(update={"condition": SMALL}),
    _counting("07-tampering", TAMPERING, ADDRESS, 600, 3, DENY),
    _counting("08-guessing", BAD_CODE, ADDRESS, 600, 10, REVIEW),
    _counting("09-many-orders", PAID, CUSTOMER, 3600, 3, REVIEW),
    FraudRule(id="10-large", enabled=False, signal=AMOUNT, decision=REVIEW, condition=LARGE),
)
"""The rules of a tenant that has set none."""


@dataclass(frozen=True, slots=True)
class Payment:
    """The attempt at hand, as far as conditions ask for it. ``amount`` in minor units."""

    method: str
    gateway: str
    amount: int
    currency: str
    country: str | None = None


class FraudRules(Aggregate):
    """All rules of a tenant; the defaults until they are set."""

    def initialise(self) -> None:
        self.rules = DEFAULTS

    def change(self, rules: Collection[FraudRule]) -> None:
        """Records nothing if nothing changes."""
        in_order = tuple(sorted(rules, key=lambda it: it.id))
        if in_order != self.rules:
            self.record(facts.Changed(rules=in_order))

    @property
    def enabled(self) -> tuple[FraudRule, ...]:
        return tuple(it for it in self.rules if it.enabled)

    def evolve(self, fact: facts.FraudRulesFact) -> None:
        self.rules = fact.rules


def rules_id(tenant: str) -> UUID:
    """The stream of a tenant's rules."""
    return derive_id(derive_id(TENANTS, tenant), "fraud_rules")


def concerns(condition: Condition | None, payment: Payment) -> bool:
    """Whether a rule with this condition may hold for the payment."""
    if condition is None:
        return True
    for allowed, actual in (
        (condition.methods, payment.method),
        (condition.gateways, payment.gateway),
        (condition.countries, payment.country),
    ):
        if allowed and actual not in allowed:
            return False
    below, at_least = condition.below, condition.at_least
    if below and not (_comparable(below, payment) and payment.amount < _minor(below, payment)):
        return False
    return not at_least or (_comparable(at_least, payment) and payment.amount >= _minor(at_least, payment))


def _comparable(bound: Bound, payment: Payment) -> bool:
    return bound.currency in {None, payment.currency}


def _minor(bound: Bound, payment: Payment) -> Fraction:
    return minor_units(bound.amount, payment.currency) if bound.currency is None else Fraction(bound.amount)
