"""HTTP: the discount codes on a cart."""

from typing import Annotated

from fastapi import APIRouter, Response

from cart.adapters.http.bodies import NewDiscount
from cart.adapters.http.changes import change
from cart.adapters.http.statuses import refusals
from cart.adapters.http.views import CartView
from cart.application.apply_discount import ApplyDiscount, apply_discount
from cart.application.cart_access import PricedCart, open_cart
from cart.application.ports import Catalogue
from cart.application.remove_discount import RemoveDiscount, remove_discount
from cart.domain.errors import (
    CartNotActive,
    CartNotFound,
    DiscountAlreadyApplied,
    DiscountNotFound,
    InvalidDiscountCode,
)
from contracts.roles import SHOPPERS
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import limited
from kernel.http.problems import rate_limited
from kernel.http.requests import PathId, StrictRoute
from kernel.rate_limits import Limit
from kernel.unit_of_work import UnitOfWork

Writing = Annotated[CommandRequest, command_request(*SHOPPERS)]


def router(catalogue: Catalogue, guesses: Limit) -> APIRouter:
    """``guesses``: how many codes that are refused a session may try."""
    routes = APIRouter(prefix="/v1/carts/{cart_id}/discounts", route_class=StrictRoute, tags=["carts"])

    def check(guesser: tuple[str, str]) -> None:
        if seconds := guesses.wait(guesser):
            raise rate_limited(seconds, "This session has tried too many codes that are refused.")

    @routes.post(
        "",
        response_model=CartView,
        responses={
            **refusals(CartNotFound, CartNotActive, DiscountAlreadyApplied, InvalidDiscountCode),
            **limited(),
        },
        name="apply_discount",
    )
    async def post_discount(cart_id: PathId, body: NewDiscount, write: Writing) -> Response:
        """Put a discount code on the cart."""

        command = ApplyDiscount(cart_id, body.code)

        async def try_code(work: UnitOfWork) -> PricedCart:
            guesser = work.context.tenant, (await open_cart(cart_id, work)).session_id
            check(guesser)
            try:
                shown = await apply_discount(command, work, catalogue)
            except InvalidDiscountCode:
                check(guesser)
                guesses.count(guesser)
                raise
            # of many that are tried at once none is told to be right after too many were wrong
            check(guesser)
            return shown

        return await change(cart_id, write, try_code)

    @routes.delete(
        "/{code}",
        response_model=CartView,
        responses=refusals(CartNotFound, DiscountNotFound, CartNotActive),
        name="remove_discount",
    )
    async def delete_discount(cart_id: PathId, code: str, write: Writing) -> Response:
        """Take a discount code off the cart."""

        command = RemoveDiscount(cart_id, code)
        return await change(cart_id, write, lambda work: remove_discount(command, work, catalogue))

    return routes
