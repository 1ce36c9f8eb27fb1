"""HTTP: promotions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.roles import ADMINS, SERVICES
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paging
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists, NotSupported, PromotionNotFound
from offer.catalogue.lists import Pool, list_page
from offer.catalogue.statuses import refusals
from offer.promotions.domain.promotion import Promotion
from offer.promotions.schemas import NewPromotion, PromotionChange, PromotionView, to_result
from offer.promotions.use_cases.change_promotion import ChangePromotion, change_promotion
from offer.promotions.use_cases.create_promotion import create_promotion
from offer.promotions.use_cases.disable_promotion import disable_promotion
from offer.promotions.use_cases.find_promotion import find_promotion
from offer.promotions.use_cases.promotion_index import LISTED

routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["promotions"])
ById = "/promotions/{promotion_id}"


@routes.post(
    "/promotions",
    status_code=201,
    response_model=PromotionView,
    responses=refusals(CodeExists, NotSupported),
    name="create_promotion",
)
async def post_promotion(
    body: NewPromotion, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Create a promotion. It applies at once, or from starts_at on."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await create_promotion(body.terms(), work), 201)

    return await write.run(act)


@routes.get("/promotions", response_model=Page[PromotionView], name="list_promotions")
async def get_promotions(
    read: Annotated[QueryRequest, query_request(*SERVICES)], pool: Pool, paging: Annotated[Paging, Depends()]
) -> Response:
    """List promotions, the oldest first."""
    return await list_page(read, pool, paging, LISTED, Promotion, PromotionView.of)


@routes.get(ById, response_model=PromotionView, responses=refusals(PromotionNotFound))
async def get_promotion(
    promotion_id: PathId, read: Annotated[QueryRequest, query_request(*SERVICES)]
) -> Response:
    """Get a promotion with the number of its uses."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await find_promotion(promotion_id, work))

    return await read.run(act)


@routes.patch(
    ById,
    response_model=PromotionView,
    responses=refusals(PromotionNotFound, CodeExists),
    name="change_promotion",
)
async def patch_promotion(
    promotion_id: PathId, body: PromotionChange, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Change the given fields; the others keep their values."""

    async def act(work: UnitOfWork) -> Result:
        change = ChangePromotion(promotion_id, body.fields())
        return to_result(await change_promotion(change, work, write.check))

    return await write.run(act)


@routes.post(
    ById + "/disable",
    response_model=PromotionView,
    responses=refusals(PromotionNotFound),
    name="disable_promotion",
)
async def post_disable(
    promotion_id: PathId, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Disable the promotion for good."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await disable_promotion(promotion_id, work, write.check))

    return await write.run(act)
