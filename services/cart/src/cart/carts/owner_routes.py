"""The routes by which a cart comes to its customer: set the customer, merge a guest's cart at login."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import Response

from cart.carts.domain.errors import CartHasCustomer, CartNotActive, CartNotFound, MergedIntoItself
from cart.carts.schemas.merged import MergedView, merged_view
from cart.carts.schemas.requests import Merge, NewCustomer
from cart.carts.schemas.views import CartView
from cart.carts.use_cases.cart_access import open_cart
from cart.carts.use_cases.customers import SetCustomer, set_customer
from cart.carts.use_cases.merging import MergeCarts, merge_carts
from cart.carts.writing import Writer
from contracts.roles import SHOPPERS
from kernel.http.dependencies import Write
from kernel.http.handlers import execute
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


@dataclass(frozen=True, slots=True)
class _Handlers:
    writer: Writer

    async def put_customer(self, cart_id: PathId, body: NewCustomer, write: Write) -> Response:
        """Give an anonymous cart its customer, for whom it is priced from now on."""
        command = SetCustomer(cart_id, body.customer_id)
        return await self.writer.change(write, cart_id, partial(set_customer, command))

    async def merge_carts(self, cart_id: PathId, body: Merge, write: Write) -> Response:
        """Merge a guest's cart into this one, which its session has from now on. What is not taken is named
        with its reason. The same call again gets the same answer."""
        command = MergeCarts(cart_id, body.guest_cart_id, body.strategy)
        merge = partial(merge_carts, command, catalogue=self.writer.catalogue, policy=self.writer.policy)
        return await execute(write, open_cart, cart_id, merge, merged_view)


def table(writer: Writer) -> RouteTable:
    do = _Handlers(writer)
    cart = "/v1/carts/{cart_id}"
    refusals = CartNotFound, CartNotActive
    of_customer = (*refusals, CartHasCustomer)
    of_merge = (*refusals, MergedIntoItself)
    return RouteTable(
        "owners of carts",
        (
            Route("PUT", f"{cart}/customer", do.put_customer, SHOPPERS, CartView, of_customer),
            Route("POST", f"{cart}/merge", do.merge_carts, SHOPPERS, MergedView, of_merge),
        ),
    )
