"""What a referrer owes: rewards that were spent before they were reversed."""

from collections import Counter
from typing import assert_never
from uuid import UUID, uuid5

from contracts import reward as facts
from kernel.domain import Aggregate

NAMESPACE = UUID("5f0f1f0e-2d61-4f59-8f4f-4e0b6a1d9b3c")


def referrer_stream(tenant: str, referrer_id: str) -> UUID:
    return uuid5(uuid5(NAMESPACE, tenant), referrer_id)


class Referrer(Aggregate):
    """All rewards of a referrer change it in one stream, so that no debt is taken twice."""

    CREATED_BY = facts.DebtChanged.TYPE

    def initialise(self) -> None:
        self.debts: Counter[str] = Counter()
        """By currency. Negative: what was reversed came back after its promotion had ended."""

    def paid_from(self, amount: int, currency: str) -> int:
        """How much of a reward pays debts; negative if the reward is worth more instead."""
        return min(self.debts[currency], amount)

    def change_debt(self, referrer_id: str, reward_id: UUID, currency: str, amount: int) -> None:
        self.record(
            facts.DebtChanged(
                referrer_id=referrer_id,
                reward_id=reward_id,
                currency=currency,
                amount=amount,
                debt=self.debts[currency] + amount,
            )
        )

    def evolve(self, fact: facts.ReferrerFact) -> None:
        match fact:
            case facts.DebtChanged(currency=currency, debt=debt):
                self.debts[currency] = debt
            case _:
                assert_never(fact)
