"""What a shop does with its subscription plans: create, change, archive and migrate them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.plan import PlanTerms
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists
from offer.catalogue.domain.plan_products import with_terms
from offer.catalogue.domain.product import Product
from offer.plans.domain.plan import Plan
from offer.plans.domain.terms import default_grace_hours
from offer.plans.use_cases.finding import find_plan

LISTED = "plan"
"""Kind of the unique key that every plan claims with its own id; the list of plans reads it."""
CODE = "plan_code"
"""It is never released: a code names one plan for ever."""


async def create_plan(fields: Mapping[str, Any], work: UnitOfWork) -> Plan:
    """``fields``: those of ``PlanTerms``, but for ids of add-ons and defaults that depend on others. Raises
    ``Invalid`` and ``CodeExists``."""
    plan = work.create(Plan, ids.new_id())
    terms = _terms(plan, fields)
    plan.create(terms)
    if await work.owner_of_key(CODE, terms.code):
        raise CodeExists(f"Another plan has the code {terms.code}.")
    work.claim_key(CODE, terms.code, plan.id)
    work.claim_key(LISTED, str(plan.id), plan.id)
    return plan


async def with_codes(codes: Iterable[str], work: UnitOfWork) -> list[UUID]:
    """The plans that have one of the codes, by id."""
    return sorted((await work.owners_of_keys(CODE, codes)).values())


@dataclass(frozen=True, slots=True)
class ChangePlan:
    plan_id: UUID
    fields: Mapping[str, Any]
    """As for ``create_plan``; a field that is left out keeps its value."""


async def change_plan(command: ChangePlan, work: UnitOfWork) -> Plan:
    """With its products. Raises ``PlanNotFound``, ``PlanNotActive`` and ``Invalid``."""
    plan = await find_plan(command.plan_id, work)
    before = plan.version
    plan.change(_terms(plan, command.fields))
    if plan.version != before:
        for product in await _products_of(plan, work):
            product.change(with_terms(product.details, plan.terms))
    return plan


async def archive_plan(plan_id: UUID, work: UnitOfWork) -> Plan:
    """For good, with its products; also drafts, or one might be put on sale meanwhile. Raises
    ``PlanNotFound``."""
    plan = await find_plan(plan_id, work)
    before = plan.version
    plan.archive()
    if plan.version != before:
        for product in await _products_of(plan, work):
            product.archive()
    return plan


@dataclass(frozen=True, slots=True)
class MigratePlan:
    plan_id: UUID
    from_terms_version: int
    notice_days: int


async def migrate_plan(command: MigratePlan, work: UnitOfWork) -> Plan:
    """Raises ``PlanNotFound`` and ``Invalid``."""
    plan = await find_plan(command.plan_id, work)
    plan.order_migration(command.from_terms_version, command.notice_days, work.now)
    return plan


async def claim_again(plan: Plan, work: UnitOfWork) -> None:
    """Claim the keys of a plan whose facts have been recovered."""
    work.claim_key(CODE, plan.terms.code, plan.id)
    work.claim_key(LISTED, str(plan.id), plan.id)


async def _products_of(plan: Plan, work: UnitOfWork) -> Iterable[Product]:
    return (await work.open_many(Product, sorted(plan.products))).values()


def _terms(plan: Plan, fields: Mapping[str, Any]) -> PlanTerms:
    """The plan's terms with these."""
    old = plan.terms
    given = dict(fields)
    if "add_ons" in given:
        given["add_ons"] = [_with_id(it, plan) for it in given["add_ons"]]
    terms = PlanTerms.model_validate({**old.model_dump(), **given})
    if "usage_grace_hours" in given or old.usage_grace_hours != default_grace_hours(old):
        return terms
    return terms.model_copy(update={"usage_grace_hours": default_grace_hours(terms)})


def _with_id(add_on: Mapping[str, Any], plan: Plan) -> Mapping[str, Any]:
    """Without an id it has that of the plan's add-on with the same code."""
    known = {it.code: it.add_on_id for it in plan.terms.add_ons}
    code = add_on["code"]
    add_on_id = add_on["add_on_id"] or known.get(code) or ids.derive_id(plan.id, f"add_on:{code}")
    return {**add_on, "add_on_id": add_on_id}
