"""HTTP routes of a cart's discount codes."""

from typing import Annotated

from fastapi import APIRouter, Response

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    DiscountAlreadyApplied,
    DiscountNotFound,
    InvalidDiscountCode,
)
from cart.carts.routes.changes import change
from cart.carts.routes.statuses import refusals
from cart.carts.schemas.requests import NewDiscount
from cart.carts.schemas.views import CartView
from cart.carts.use_cases.cart_access import PricedCart, open_cart
from cart.carts.use_cases.discounts import ApplyDiscount, RemoveDiscount, apply_discount, remove_discount
from cart.catalogue.domain import Catalogue
from contracts.roles import SHOPPERS
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import limited
from kernel.http.problems import rate_limited
from kernel.http.requests import PathId, StrictRoute
from kernel.limits.rate_limits import Limit
from kernel.unit_of_work import UnitOfWork

Write = Annotated[CommandRequest, command_request(*SHOPPERS)]


def router(catalogue: Catalogue, refusals_per_session: Limit) -> APIRouter:
    """``refusals_per_session``: a session that has exceeded it may not try another code, so that codes cannot
    be guessed."""
    routes = APIRouter(prefix="/v1/carts/{cart_id}/discounts", route_class=StrictRoute, tags=["carts"])

    def check(session: tuple[str, str]) -> None:
        if seconds := refusals_per_session.wait(session):
            raise rate_limited(seconds, "This session has tried too many codes that were refused.")

    @routes.post(
        "",
        response_model=CartView,
        responses={
            **refusals(CartNotFound, CartNotActive, DiscountAlreadyApplied, InvalidDiscountCode),
            **limited(),
        },
        name="apply_discount",
    )
    async def post_discount(cart_id: PathId, body: NewDiscount, write: Write) -> Response:
        """Apply a discount code to the cart."""

        command = ApplyDiscount(cart_id, body.code)

        async def try_code(work: UnitOfWork) -> PricedCart:
            session = work.context.tenant, (await open_cart(cart_id, work)).session_id
            check(session)
            try:
                priced = await apply_discount(command, work, catalogue)
            except InvalidDiscountCode:
                check(session)
                refusals_per_session.count(session)
                raise
            # concurrent requests: no code is confirmed once too many others have been refused
            check(session)
            return priced

        return await change(cart_id, write, try_code)

    @routes.delete(
        "/{code}",
        response_model=CartView,
        responses=refusals(CartNotFound, DiscountNotFound, CartNotActive),
        name="remove_discount",
    )
    async def delete_discount(cart_id: PathId, code: str, write: Write) -> Response:
        """Remove a discount code from the cart."""

        command = RemoveDiscount(cart_id, code)
        return await change(cart_id, write, lambda work: remove_discount(command, work, catalogue))

    return routes
