"""A tenant's pricing policy: how amounts are rounded."""

from typing import assert_never
from uuid import UUID, uuid5

from contracts import pricing_policy as facts
from contracts.sale import Policy
from kernel.domain import Aggregate

NAMESPACE = UUID("c3f0a1d4-52b7-4c1e-9a0d-6d8c4f1b7e25")


def pricing_policy_id(tenant: str) -> UUID:
    return uuid5(NAMESPACE, tenant)


class PricingPolicy(Aggregate):
    """Half up and by line until it is set. A sale that is locked keeps the policy that it has."""

    def initialise(self) -> None:
        self.policy = Policy()

    def set(self, policy: Policy) -> None:
        """Records nothing if it does not change."""
        if policy != self.policy:
            self.record(facts.Set(rounding_mode=policy.rounding_mode, tax_rounding=policy.tax_rounding))

    def evolve(self, fact: facts.PricingPolicyFact) -> None:
        match fact:
            case facts.Set(rounding_mode=rounding_mode, tax_rounding=tax_rounding):
                self.policy = Policy(rounding_mode=rounding_mode, tax_rounding=tax_rounding)
            case _:
                assert_never(fact)
