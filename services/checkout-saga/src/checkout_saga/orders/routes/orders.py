"""The routes of orders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, TypeAlias

from fastapi import Query, Response

from checkout_saga.customers.linking import ids_of
from checkout_saga.orders.domain.errors import NotRefundable, OrderNotCancellable, OrderNotFound
from checkout_saga.orders.schemas.requests import Cancellation, NewRefund
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.use_cases import refunds
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, customer_orders_prefix
from checkout_saga.orders.use_cases.reading import (
    OrderWithPayment,
    find_order,
    find_with_payment,
    list_with_payments,
    then_with_payment,
)
from contracts.roles import ADMINS, LISTERS, READERS
from kernel import ids
from kernel.http.dependencies import KeyedWrite, Read, Write
from kernel.http.handlers import execute, show
from kernel.http.lists import list_by_key
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from kernel.store.unique_keys import UniqueKey
from kernel.unit_of_work import UnitOfWork

CustomerId: TypeAlias = Annotated[str, Query(min_length=1, max_length=128)]


async def get_order(order_id: PathId, read: Read) -> Response:
    """An order with its payments and refunds."""
    return await show(read, find_with_payment, order_id, show_order)


async def list_orders(read: Read, customer_id: CustomerId, paging: Paged) -> Response:
    """A customer's orders, oldest first; also those of the customer's other ids, where guests are linked."""

    async def prefixes(work: UnitOfWork) -> list[str]:
        return [customer_orders_prefix(read.tenant, it) for it in await ids_of(customer_id, work)]

    return await list_by_key(read, paging, CUSTOMER_ORDER, _load, show_order, prefix=prefixes)


async def refund_order(order_id: PathId, body: NewRefund, write: KeyedWrite) -> Response:
    """Recorded at once, performed by the gateway afterwards; ``refunds`` of the order has its status."""
    refund = partial(refunds.refund_order, order_id, ids.new_id(), body.selection, body.reason)
    return await execute(write, find_order, order_id, then_with_payment(refund), show_order)


async def cancel_order(order_id: PathId, body: Cancellation, write: Write) -> Response:
    """Cancel the order and refund what was paid."""
    cancel = partial(refunds.cancel_order, order_id, ids.new_id(), body.reason)
    return await execute(write, find_order, order_id, then_with_payment(cancel), show_order)


async def _load(keys: Sequence[UniqueKey], work: UnitOfWork) -> Sequence[OrderWithPayment]:
    return await list_with_payments((it.owner for it in keys), work)


ALL = "/v1/orders"
BY_ID = "/v1/orders/{order_id}"
TO_REFUND = (OrderNotFound, NotRefundable)
TO_CANCEL = (OrderNotFound, OrderNotCancellable)
ROUTES = RouteTable(
    "orders",
    (
        Route("GET", BY_ID, get_order, READERS, OrderView, (OrderNotFound,)),
        Route("POST", f"{BY_ID}/refunds", refund_order, ADMINS, OrderView, TO_REFUND, status=202),
        Route("POST", f"{BY_ID}/cancel", cancel_order, ADMINS, OrderView, TO_CANCEL),
        Route("GET", ALL, list_orders, LISTERS, Page[OrderView]),
    ),
)
