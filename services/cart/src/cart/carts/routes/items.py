"""HTTP routes of a cart's items."""

from typing import Annotated

from fastapi import APIRouter, Response

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    CourseQuantityLimit,
    CurrencyNotPriced,
    DuplicateCourseInCart,
    InvalidQuantity,
    ItemNotFound,
    MaxCartItemsExceeded,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    ProductNotFound,
    SubscriptionQuantityLimit,
)
from cart.carts.routes.changes import change
from cart.carts.routes.statuses import refusals
from cart.carts.schemas.requests import NewItem, NewQuantity
from cart.carts.schemas.views import CartView
from cart.carts.use_cases.shopping import (
    AddItem,
    ChangeQuantity,
    RemoveItem,
    add_item,
    change_quantity,
    clear_items,
    remove_item,
)
from cart.catalogue.domain import Catalogue
from contracts.roles import SHOPPERS
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.requests import PathId, StrictRoute

QUANTITY_REFUSALS = (InvalidQuantity, MaxItemQuantityExceeded, CourseQuantityLimit, SubscriptionQuantityLimit)
COMBINATION_REFUSALS = (MaxCartItemsExceeded, DuplicateCourseInCart, MultipleSubscriptionsNotAllowed)
Write = Annotated[CommandRequest, command_request(*SHOPPERS)]


def router(catalogue: Catalogue) -> APIRouter:
    routes = APIRouter(prefix="/v1/carts/{cart_id}/items", route_class=StrictRoute, tags=["carts"])

    @routes.post(
        "",
        response_model=CartView,
        responses=refusals(
            CartNotFound,
            ProductNotFound,
            CartNotActive,
            CurrencyNotPriced,
            *QUANTITY_REFUSALS,
            *COMBINATION_REFUSALS,
        ),
        name="add_item",
    )
    async def post_item(cart_id: PathId, body: NewItem, write: Write) -> Response:
        """Add a product to the cart. Stock is neither checked nor reserved."""
        command = AddItem(cart_id, body.product_id, body.quantity, body.options)
        return await change(cart_id, write, lambda work: add_item(command, work, catalogue))

    @routes.patch(
        "/{item_id}",
        response_model=CartView,
        responses=refusals(CartNotFound, ItemNotFound, CartNotActive, *QUANTITY_REFUSALS),
        name="change_quantity",
    )
    async def patch_item(cart_id: PathId, item_id: PathId, body: NewQuantity, write: Write) -> Response:
        """Change the quantity of an item; 0 removes it."""

        command = ChangeQuantity(cart_id, item_id, body.quantity)
        return await change(cart_id, write, lambda work: change_quantity(command, work, catalogue))

    @routes.delete(
        "/{item_id}",
        response_model=CartView,
        responses=refusals(CartNotFound, ItemNotFound, CartNotActive),
        name="remove_item",
    )
    async def delete_item(cart_id: PathId, item_id: PathId, write: Write) -> Response:
        """Remove an item from the cart."""

        command = RemoveItem(cart_id, item_id)
        return await change(cart_id, write, lambda work: remove_item(command, work, catalogue))

    @routes.delete(
        "", response_model=CartView, responses=refusals(CartNotFound, CartNotActive), name="clear_items"
    )
    async def delete_items(cart_id: PathId, write: Write) -> Response:
        """Remove all items from the cart."""

        return await change(cart_id, write, lambda work: clear_items(cart_id, work, catalogue))

    return routes
