"""The routes of promotions."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Depends, Response

from contracts.roles import ADMINS, LISTERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists
from offer.promotions.domain.errors import PromotionNotFound, TooManyAutomaticPromotions
from offer.promotions.domain.promotion import Promotion
from offer.promotions.list_query import PromotionSearch, search_promotions
from offer.promotions.schemas.promotions import NewPromotion, PromotionChange, PromotionView, show_promotion
from offer.promotions.schemas.search import SearchParameters
from offer.promotions.use_cases import promotions
from offer.promotions.use_cases.promotions import LISTED, ChangePromotion, find_promotion


async def create_promotion(body: NewPromotion, write: Write) -> Response:
    """Create a promotion. It applies at once, or from starts_at on."""
    return await create(write, partial(promotions.create_promotion, body.terms()), show_promotion)


async def list_promotions(
    read: Read, parameters: Annotated[SearchParameters, Depends()], paging: Paged
) -> Response:
    """List and search promotions, the oldest first."""
    search = parameters.search
    if search == PromotionSearch():
        return await list_by_key(read, paging, LISTED, owners(Promotion), show_promotion)
    (after,) = paging.after(Id) or (NIL_ID,)

    async def act(work: UnitOfWork) -> Result:
        with_codes = None if search.codes is None else await promotions.with_codes(search.codes, work)
        if with_codes is not None and search.is_by_code_alone:
            found = [it for it in with_codes if it > after][: paging.more]
        else:
            found = await search_promotions(read.pool, read.tenant, search, with_codes, after, paging.more)
        opened = await work.open_many(Promotion, found)
        return Result(
            paging.page(
                found, key=lambda it: (str(it),), show=lambda it: show_promotion(opened[it], work.now)
            )
        )

    return await read.run(act)


async def get_promotion(promotion_id: PathId, read: Read) -> Response:
    """Get a promotion with the number of its uses."""
    return await show(read, find_promotion, promotion_id, show_promotion)


async def change_promotion(promotion_id: PathId, body: PromotionChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(promotions.change_promotion, ChangePromotion(promotion_id, body.fields()))
    return await execute(write, find_promotion, promotion_id, change, show_promotion)


async def disable_promotion(promotion_id: PathId, write: Write) -> Response:
    """Disable the promotion for good."""
    disable = partial(promotions.disable_promotion, promotion_id)
    return await execute(write, find_promotion, promotion_id, disable, show_promotion)


ALL = "/v1/promotions"
BY_ID = "/v1/promotions/{promotion_id}"
NOT_FOUND = (PromotionNotFound,)
REFUSED = (CodeExists, TooManyAutomaticPromotions)
ROUTES = RouteTable(
    "promotions",
    (
        Route("POST", ALL, create_promotion, ADMINS, PromotionView, REFUSED, status=201),
        Route("GET", ALL, list_promotions, LISTERS, Page[PromotionView]),
        Route("GET", BY_ID, get_promotion, LISTERS, PromotionView, NOT_FOUND),
        Route("PATCH", BY_ID, change_promotion, ADMINS, PromotionView, (*NOT_FOUND, *REFUSED)),
        Route("POST", f"{BY_ID}/disable", disable_promotion, ADMINS, PromotionView, NOT_FOUND),
    ),
)
