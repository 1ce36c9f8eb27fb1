"""The routes of subscription plans."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Query, Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, PathId, UntrimmedText
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists, PlanNotActive, PlanNotFound
from offer.plans.domain.plan import Plan
from offer.plans.schemas.plans import (
    MigrationBody,
    NewPlan,
    PlanChange,
    PlanView,
    Status,
    show_plan,
)
from offer.plans.use_cases import plans
from offer.plans.use_cases.finding import find_plan
from offer.plans.use_cases.plans import LISTED, ChangePlan, MigratePlan, with_codes

Codes = Annotated[list[UntrimmedText] | None, Query(max_length=100)]
Statuses = Annotated[list[Status] | None, Query(max_length=100)]


async def create_plan(body: NewPlan, write: Write) -> Response:
    """Create a plan. It takes subscriptions at once."""
    return await create(write, partial(plans.create_plan, body.fields()), show_plan)


async def list_plans(read: Read, paging: Paged, code: Codes = None, status: Statuses = None) -> Response:
    """List plans, the oldest first. With a filter a page may be short although there is a next one."""

    def is_wanted(plan: Plan) -> bool:
        return status is None or plan.status in status

    if code is None:
        return await list_by_key(read, paging, LISTED, owners(Plan), show_plan, keep=is_wanted)
    (after,) = paging.after(Id) or (NIL_ID,)

    async def act(work: UnitOfWork) -> Result:
        found = [it for it in await with_codes(code, work) if it > after][: paging.more]
        opened = await work.open_many(Plan, found)
        page = paging.page(found, key=lambda it: (str(it),), show=lambda it: opened[it])
        shown = [show_plan(it, work.now) for it in page.items if is_wanted(it)]
        return Result(Page(items=shown, next_cursor=page.next_cursor))

    return await read.run(act)


async def get_plan(plan_id: PathId, read: Read) -> Response:
    """Get a plan with its current terms."""
    return await show(read, find_plan, plan_id, show_plan)


async def change_plan(plan_id: PathId, body: PlanChange, write: Write) -> Response:
    """Change the given fields. Running subscriptions keep the terms with which they began."""
    change = partial(plans.change_plan, ChangePlan(plan_id, body.fields()))
    return await execute(write, find_plan, plan_id, change, show_plan)


async def archive_plan(plan_id: PathId, write: Write) -> Response:
    """Take the plan and its products off sale, for good. Running subscriptions go on."""
    return await execute(write, find_plan, plan_id, partial(plans.archive_plan, plan_id), show_plan)


async def migrate_plan(plan_id: PathId, body: MigrationBody, write: Write) -> Response:
    """Have subscriptions on earlier terms take the current ones, at their first renewal after the notice."""
    order = MigratePlan(plan_id, body.from_terms_version, body.notice_days)
    return await execute(write, find_plan, plan_id, partial(plans.migrate_plan, order), show_plan)


ALL = "/v1/subscription-plans"
BY_ID = f"{ALL}/{{plan_id}}"
NOT_FOUND = (PlanNotFound,)
ROUTES = RouteTable(
    "subscription plans",
    (
        Route("POST", ALL, create_plan, ADMINS, PlanView, (CodeExists,), status=201),
        Route("GET", ALL, list_plans, READERS, Page[PlanView]),
        Route("GET", BY_ID, get_plan, READERS, PlanView, NOT_FOUND),
        Route("PATCH", BY_ID, change_plan, ADMINS, PlanView, (*NOT_FOUND, PlanNotActive)),
        Route("POST", f"{BY_ID}/archive", archive_plan, ADMINS, PlanView, NOT_FOUND),
        Route("POST", f"{BY_ID}/migrate", migrate_plan, ADMINS, PlanView, NOT_FOUND, status=202),
    ),
)
