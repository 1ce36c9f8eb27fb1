"""A plan as this service knows it, and why a subscription to it may not begin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.plan import PlanTerms
from contracts.subscription import Recurring


@dataclass(frozen=True, slots=True)
class Plan:
    plan_id: UUID
    terms: PlanTerms
    terms_version: int
    archived: bool

    def recurring(self, currency: str) -> Recurring | None:
        """What each period costs; None if the plan has no price in the currency."""
        cycle = self.terms.billing_cycle
        amounts = (it.amount for it in self.terms.prices if it.currency == currency)
        amount = next(amounts, None)
        if amount is None:
            return None
        return Recurring(amount=amount, currency=currency, interval=cycle.interval, count=cycle.count)


class Refusal(StrEnum):
    PLAN_NOT_FOUND = "PLAN_NOT_FOUND"
    """Its facts may not have arrived yet."""
    PLAN_NOT_ACTIVE = "PLAN_NOT_ACTIVE"
    CURRENCY_NOT_PRICED = "CURRENCY_NOT_PRICED"


def refusal_of(plan: Plan | None, currency: str) -> Refusal | None:
    if plan is None:
        return Refusal.PLAN_NOT_FOUND
    if plan.archived:
        return Refusal.PLAN_NOT_ACTIVE
    return None if plan.recurring(currency) else Refusal.CURRENCY_NOT_PRICED
