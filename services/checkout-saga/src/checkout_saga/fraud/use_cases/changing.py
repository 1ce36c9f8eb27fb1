"""Read and change a tenant's fraud rules."""

from __future__ import annotations

from collections.abc import Collection

from checkout_saga.fraud.domain.rules import FraudRules, rules_id
from contracts.fraud_rules import FraudRule
from kernel.unit_of_work import UnitOfWork


async def find_rules(work: UnitOfWork) -> FraudRules:
    """The tenant's; the defaults if none have been set."""
    return await work.open(FraudRules, rules_id(work.context.tenant))


async def change_rules(rules: Collection[FraudRule], work: UnitOfWork) -> FraudRules:
    current = await find_rules(work)
    current.change(rules)
    return current
