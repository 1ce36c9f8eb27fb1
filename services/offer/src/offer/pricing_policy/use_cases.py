"""Set how amounts are rounded."""

from __future__ import annotations

from contracts.sale import Policy
from kernel.unit_of_work import UnitOfWork
from offer.pricing_policy.domain import PricingPolicy, pricing_policy_id


async def set_pricing_policy(policy: Policy, work: UnitOfWork) -> PricingPolicy:
    current = await find_pricing_policy(work)
    current.set(policy)
    return current


async def find_pricing_policy(work: UnitOfWork) -> PricingPolicy:
    """The tenant's; the default if none has been set."""
    return await work.open(PricingPolicy, pricing_policy_id(work.context.tenant))
