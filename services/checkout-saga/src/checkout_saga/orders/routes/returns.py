"""The routes of returns."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from checkout_saga.fulfillment.routes.listing import OfWhom, list_of_orders
from checkout_saga.orders.customer_orders import orders_of
from checkout_saga.orders.domain.errors import (
    LineNotFound,
    NotRefundable,
    OrderNotFound,
    ReturnNotFound,
    ReturnNotPossible,
)
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.schemas.returns import NewReturn, Receipt, Rejection, ReturnView, show_return
from checkout_saga.orders.use_cases import returns
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.returns import ORDER_RETURN, find_return
from contracts.roles import ADMINS, LISTERS, SHOPPERS
from kernel import ids
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


async def request_return(order_id: PathId, body: NewReturn, write: Write) -> Response:
    """The customer wants to send goods back. The shop approves or rejects it."""
    act = partial(returns.request_return, order_id, ids.new_id(), body.units)
    return await execute(write, find_order, order_id, act, show_return)


async def approve_return(return_id: PathId, write: Write) -> Response:
    """The goods may be sent; it expires after 30 days."""
    return await execute(write, find_return, return_id, partial(returns.approve, return_id), show_return)


async def reject_return(return_id: PathId, body: Rejection, write: Write) -> Response:
    """The goods may not be sent back."""
    act = partial(returns.reject, return_id, body.reason)
    return await execute(write, find_return, return_id, act, show_return)


async def receive_return(return_id: PathId, body: Receipt, write: Write) -> Response:
    """The goods came back: what is not missing is refunded, what is sellable goes back into stock."""
    act = partial(returns.receive, return_id, body.units, refund_shipping=body.refund_shipping)
    return await execute(write, find_return, return_id, act, show_return, find_return)


async def get_return(return_id: PathId, read: Read) -> Response:
    """A return."""
    return await show(read, find_return, return_id, show_return)


async def list_returns(read: Read, whose: OfWhom, paging: Paged) -> Response:
    """The returns of an order or of a customer, oldest first."""
    return await list_of_orders(read, paging, whose, orders_of, ORDER_RETURN, GoodsReturn, show_return)


BY_ID = "/v1/returns/{return_id}"
TO_ASK = (OrderNotFound, LineNotFound, ReturnNotPossible)
TO_DECIDE = (ReturnNotFound, ReturnNotPossible)
ROUTES = RouteTable(
    "returns",
    (
        Route("POST", "/v1/orders/{order_id}/returns", request_return, SHOPPERS, ReturnView, TO_ASK, 201),
        Route("POST", f"{BY_ID}/approve", approve_return, ADMINS, ReturnView, TO_DECIDE),
        Route("POST", f"{BY_ID}/reject", reject_return, ADMINS, ReturnView, TO_DECIDE),
        Route(
            "POST",
            f"{BY_ID}/receive",
            receive_return,
            ADMINS,
            ReturnView,
            (*TO_DECIDE, NotRefundable),
            keeps_keys=True,
        ),
        Route("GET", BY_ID, get_return, LISTERS, ReturnView, (ReturnNotFound,)),
        Route("GET", "/v1/returns", list_returns, LISTERS, Page[ReturnView]),
    ),
)
