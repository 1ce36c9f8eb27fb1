"""Find a plan."""

from __future__ import annotations

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import PlanNotFound
from offer.plans.domain.plan import Plan


async def find_plan(plan_id: UUID, work: UnitOfWork) -> Plan:
    """A plan of the tenant, archived or not. Raises ``PlanNotFound``."""
    plan = await work.open(Plan, plan_id)
    if not plan.exists:
        raise PlanNotFound("There is no such plan.", plan_id=str(plan_id))
    return plan
