"""HTTP: the discount codes on a cart."""

from typing import Annotated

from fastapi import APIRouter, Response

from cart.adapters.http.bodies import NewDiscount
from cart.adapters.http.changes import change
from cart.adapters.http.views import CartView
from cart.application.apply_discount import ApplyDiscount, apply_discount
from cart.application.ports import Catalogue
from cart.application.remove_discount import RemoveDiscount, remove_discount
from cart.domain.errors import (
    CartNotActive,
    CartNotFound,
    DiscountAlreadyApplied,
    DiscountNotFound,
    InvalidDiscountCode,
)
from kernel.http.auth import SHOPPERS
from kernel.http.calls import writing
from kernel.http.openapi import refusals
from kernel.http.requests import PathId, StrictRoute
from kernel.http.writes import Write

Writing = Annotated[Write, writing(*SHOPPERS)]


def router(catalogue: Catalogue) -> APIRouter:
    routes = APIRouter(prefix="/v1/carts/{cart_id}/discounts", route_class=StrictRoute, tags=["carts"])

    @routes.post(
        "",
        response_model=CartView,
        responses=refusals(CartNotFound, CartNotActive, DiscountAlreadyApplied, InvalidDiscountCode),
        name="apply_discount",
    )
    async def post_discount(cart_id: PathId, body: NewDiscount, write: Writing) -> Response:
        """Put a discount code on the cart."""

        command = ApplyDiscount(cart_id, body.code)
        return await change(cart_id, write, lambda work: apply_discount(command, work, catalogue))

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
