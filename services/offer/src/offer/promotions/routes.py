"""The routes of promotions."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from contracts.roles import ADMINS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from offer.promotions.domain.errors import CodeExists, PromotionNotFound
from offer.promotions.domain.promotion import Promotion
from offer.promotions.schemas.promotions import NewPromotion, PromotionChange, PromotionView, show_promotion
from offer.promotions.use_cases import promotions
from offer.promotions.use_cases.promotions import LISTED, ChangePromotion, find_promotion


async def create_promotion(body: NewPromotion, write: Write) -> Response:
    """Create a promotion. It applies at once, or from starts_at on."""
    return await create(write, partial(promotions.create_promotion, body.terms()), show_promotion)


async def list_promotions(read: Read, paging: Paged) -> Response:
    """List promotions, the oldest first."""
    return await list_by_key(read, paging, LISTED, owners(Promotion), show_promotion)


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
ROUTES = RouteTable(
    "promotions",
    (
        Route("POST", ALL, create_promotion, ADMINS, PromotionView, (CodeExists,), status=201),
        Route("GET", ALL, list_promotions, SERVICES, Page[PromotionView]),
        Route("GET", BY_ID, get_promotion, SERVICES, PromotionView, NOT_FOUND),
        Route("PATCH", BY_ID, change_promotion, ADMINS, PromotionView, (*NOT_FOUND, CodeExists)),
        Route("POST", f"{BY_ID}/disable", disable_promotion, ADMINS, PromotionView, NOT_FOUND),
    ),
)
