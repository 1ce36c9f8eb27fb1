"""How products join and leave a plan."""

from __future__ import annotations

from uuid import UUID

from contracts.plan import PlanTerms
from kernel.unit_of_work import UnitOfWork
from offer.plans.domain.plan import Plan
from offer.plans.use_cases.finding import find_plan


class PlansOfProducts:
    """Implements ``offer.catalogue.ports.Plans``."""

    async def terms_of(self, plan_id: str, product_id: UUID, work: UnitOfWork) -> PlanTerms:
        plan = await find_plan(UUID(plan_id), work)
        plan.check_takes(product_id)
        return plan.terms

    async def move(self, product_id: UUID, before: str | None, after: str | None, work: UnitOfWork) -> None:
        if before == after:
            return
        if before is not None:
            (await work.open(Plan, UUID(before))).leave(product_id)
        if after is not None:
            (await work.open(Plan, UUID(after))).join(product_id)


PLANS = PlansOfProducts()
