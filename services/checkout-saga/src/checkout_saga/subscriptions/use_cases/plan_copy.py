"""The copy of plans: their terms by version. ``plan_facts`` keeps it from the facts of ``offer``."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.subscriptions.domain.plan import Plan
from contracts.plan import PlanTerms
from kernel.unit_of_work import UnitOfWork

CURRENT = """
    SELECT terms_version, terms, bool_or(archived) OVER () AS archived FROM plan_copy
    WHERE tenant = $1 AND plan_id = $2 ORDER BY terms_version DESC LIMIT 1
"""


async def find_plan(plan_id: str, work: UnitOfWork) -> Plan | None:
    """With its current terms. None if it is unknown, which it also is before its facts have arrived."""
    try:
        named = UUID(plan_id)
    except ValueError:
        return None
    rows = await work.fetch(CURRENT, work.context.tenant, named)
    if not rows:
        return None
    (row,) = rows
    return Plan(named, PlanTerms.read(row["terms"]), row["terms_version"], row["archived"])
