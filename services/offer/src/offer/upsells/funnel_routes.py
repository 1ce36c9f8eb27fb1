"""The routes of funnel steps."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, remove
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.offers.domain.errors import OfferNotFound
from offer.upsells.domain.errors import FunnelStepNotFound, UpsellNotFound
from offer.upsells.routes import OFFER, REMOVED
from offer.upsells.schemas.requests import FunnelStepChange, NewFunnelStep
from offer.upsells.schemas.views import FunnelStepView, show_step
from offer.upsells.use_cases import funnels
from offer.upsells.use_cases.funnels import AddStep, ChangeStep, FoundStep, RemoveStep, find_funnel


async def add_funnel_step(offer_id: PathId, body: NewFunnelStep, write: Write) -> Response:
    """Add a step to the funnel of the offer."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find_funnel(offer_id, work))
        found = await funnels.add_step(AddStep(offer_id, body.step()), work)
        return Result(show_step(found, work.now), found.version)

    return await write.run(act)


async def list_funnel_steps(offer_id: PathId, read: Read, paging: Paged) -> Response:
    """List the steps of the funnel by position."""
    after = paging.after(int, str)

    async def act(work: UnitOfWork) -> Result:
        funnel = await find_funnel(offer_id, work)
        rows = [
            FoundStep(step_id, step, funnel.version)
            for step_id, step in funnel.in_order()
            if after is None or (step.position, str(step_id)) > after
        ]
        return Result(
            paging.page(
                rows[: paging.more],
                key=lambda it: (it.step.position, str(it.step_id)),
                show=lambda it: show_step(it, work.now),
            )
        )

    return await read.run(act)


async def change_funnel_step(
    offer_id: PathId, step_id: PathId, body: FunnelStepChange, write: Write
) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(funnels.change_step, ChangeStep(offer_id, step_id, body.fields()))
    return await execute(write, find_funnel, offer_id, change, show_step)


async def remove_funnel_step(offer_id: PathId, step_id: PathId, write: Write) -> Response:
    """Remove a step from the funnel of the offer."""
    removal = partial(funnels.remove_step, RemoveStep(offer_id, step_id))
    return await remove(write, find_funnel, offer_id, removal)


STEPS = f"{OFFER}/funnel-steps"
STEP = f"{STEPS}/{{step_id}}"
GONE = (OfferNotFound, FunnelStepNotFound)
ROUTES = RouteTable(
    "funnel steps",
    (
        Route(
            *("POST", STEPS, add_funnel_step, ADMINS, FunnelStepView),
            *((OfferNotFound, UpsellNotFound), 201),
        ),
        Route("GET", STEPS, list_funnel_steps, READERS, Page[FunnelStepView], (OfferNotFound,)),
        Route("PATCH", STEP, change_funnel_step, ADMINS, FunnelStepView, (*GONE, UpsellNotFound)),
        Route("DELETE", STEP, remove_funnel_step, ADMINS, None, GONE, status=204, responses=REMOVED),
    ),
)
