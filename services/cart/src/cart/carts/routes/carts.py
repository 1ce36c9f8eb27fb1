"""HTTP routes of carts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from cart.carts.domain.errors import CartNotActive, CartNotFound
from cart.carts.routes.changes import change
from cart.carts.routes.statuses import refusals
from cart.carts.schemas.requests import NewCart, ShippingAddress
from cart.carts.schemas.views import CartView, view
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import CUSTOMER_CART, SESSION_CART, listed_under
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import (
    CreateCart,
    SessionHasOverdueCart,
    SetDestination,
    create_cart,
    list_carts,
    set_destination,
    show_cart,
)
from cart.catalogue.domain import Catalogue
from contracts.roles import LISTERS, READERS, SHOPPERS
from contracts.sale import Destination
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paging
from kernel.http.problems import invalid
from kernel.http.requests import OwnerId, PathId, StrictRoute
from kernel.http.results import Result
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork


def router(store: EventStore, catalogue: Catalogue, policy: Policy) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["carts"])

    @routes.post(
        "/carts",
        status_code=201,
        response_model=CartView,
        responses={200: {"model": CartView, "description": "The open cart that the session has already"}},
        name="create_cart",
    )
    async def post_cart(
        body: NewCart, write: Annotated[CommandRequest, command_request(*SHOPPERS)]
    ) -> Response:
        """Create a cart, or return the open one that the session has already."""

        command = CreateCart(body.session_id, body.customer_id, body.currency, body.type, body.metadata)

        async def act(work: UnitOfWork) -> Result:
            priced, is_new = await create_cart(command, work, catalogue, policy)
            if not is_new:
                write.check(priced.cart)
            return Result(view(priced, work.now), priced.cart.version, status=201 if is_new else 200)

        try:
            return await write.run(act)
        except SessionHasOverdueCart as refusal:
            overdue_id = refusal.cart_id
        await store.run(write.context, lambda work: expire_cart(overdue_id, work, catalogue))
        return await write.run(act)

    @routes.get("/carts/{cart_id}", response_model=CartView, responses=refusals(CartNotFound))
    async def get_cart(cart_id: PathId, read: Annotated[QueryRequest, query_request(*READERS)]) -> Response:
        """Read a cart with its current prices."""

        async def act(work: UnitOfWork) -> Result:
            priced = await show_cart(cart_id, work, catalogue)
            return Result(view(priced, work.now), priced.cart.version)

        return await read.run(act)

    @routes.put(
        "/carts/{cart_id}/shipping-address",
        response_model=CartView,
        responses=refusals(CartNotFound, CartNotActive),
    )
    async def put_shipping_address(
        cart_id: PathId, body: ShippingAddress, write: Annotated[CommandRequest, command_request(*SHOPPERS)]
    ) -> Response:
        """Set the destination of the goods, which decides on prices and taxes."""
        command = SetDestination(cart_id, Destination(country=body.country, region=body.region))
        return await change(cart_id, write, lambda work: set_destination(command, work, catalogue))

    @routes.get("/carts", response_model=Page[CartView], name="list_carts")
    async def get_carts(
        read: Annotated[QueryRequest, query_request(*LISTERS)],
        paging: Annotated[Paging, Depends()],
        session_id: Annotated[OwnerId | None, Query()] = None,
        customer_id: Annotated[OwnerId | None, Query()] = None,
    ) -> Response:
        """List the carts of a session or of a customer, the oldest first."""
        kind, owner = _owner(session_id, customer_id)
        (after,) = paging.after(str) or ("",)
        keys = await list_unique_keys(
            store.pool, read.tenant, kind, after=after, prefix=listed_under(owner), limit=paging.more
        )

        async def act(work: UnitOfWork) -> Result:
            carts = await list_carts([key.owner for key in keys], work, catalogue)
            return Result(
                paging.page(keys, lambda key: (key.value,), lambda key: view(carts[key.owner], work.now))
            )

        return await read.run(act)

    return routes


def _owner(session_id: str | None, customer_id: str | None) -> tuple[str, str]:
    if session_id is not None and customer_id is None:
        return SESSION_CART, session_id
    if customer_id is not None and session_id is None:
        return CUSTOMER_CART, customer_id
    raise invalid("Name either a session_id or a customer_id.", "/session_id", "query")
