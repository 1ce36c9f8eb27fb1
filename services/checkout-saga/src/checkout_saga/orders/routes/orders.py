"""The routes of orders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, TypeVar
from uuid import UUID

from fastapi import Query, Response
from pydantic import AwareDatetime

from checkout_saga.customers.vault import Vault
from checkout_saga.fulfillment.domain.errors import SeatsInUse
from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.fulfillment.use_cases.shipping import ORDER_SHIPMENT
from checkout_saga.orders.customer_orders import prefixes_of
from checkout_saga.orders.domain.errors import NotRefundable, OrderNotCancellable, OrderNotFound
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.list_query import FIRST, Place, search_orders
from checkout_saga.orders.schemas.details import OrderDetails, OrderDetailsView, show_details
from checkout_saga.orders.schemas.requests import Cancellation, NewRefund
from checkout_saga.orders.schemas.upsells import UpsellsOfOrder, UpsellView, show_upsells, with_tokens
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.upsell_links import UpsellLinks
from checkout_saga.orders.use_cases import refunds
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER
from checkout_saga.orders.use_cases.reading import (
    OrderWithPayment,
    find_order,
    find_with_payment,
    list_with_payments,
    then_with_payment,
)
from checkout_saga.orders.use_cases.returns import ORDER_RETURN
from contracts.roles import ADMINS, LISTERS, READERS, SERVICES, SHOPPERS
from kernel import ids
from kernel.domain import Aggregate
from kernel.http.dependencies import KeyedWrite, QueryRequest, Read, Write
from kernel.http.handlers import execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged, Paging
from kernel.http.problems import invalid
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.unique_keys import UniqueKey, list_unique_keys
from kernel.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)
CustomerId: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=128)]
Number: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=40)]
Status: TypeAlias = Annotated[
    Literal["created", "paid", "fulfilled", "partially_fulfilled", "failed", "refunded", "cancelled"] | None,
    Query(),
]
PersonalOf: TypeAlias = Callable[[UUID, UnitOfWork], Awaitable[str]]
"""Who has bought by the checkout, encrypted."""
SHOWN = 100
"""Returns and shipments that an order shows; all of them are in their own lists."""


@dataclass(frozen=True, slots=True)
class _Handlers:
    vault: Vault
    personal_of: PersonalOf
    links: UpsellLinks

    async def get_order(self, order_id: PathId, read: Read) -> Response:
        """An order with its payments, refunds, returns and shipments. The roles service and admin also see
        who has bought it."""

        async def find(named: UUID, work: UnitOfWork) -> OrderDetails:
            found = await find_with_payment(named, work)
            returns = await _held_by(read, ORDER_RETURN, GoodsReturn, named, work)
            shipments = await _held_by(read, ORDER_SHIPMENT, Shipment, named, work)
            upsells = self._for(read, named, show_upsells(found.order, work.now))
            if read.principal.role not in SERVICES:
                return OrderDetails(found, returns, shipments, upsells, None, {})
            personal = await self._opened(found, await self.personal_of(found.order.checkout_id, work), work)
            sealed = found.payment.instrument if found.payment else None
            instrument = (await self._opened(found, sealed, work)).get("instrument", {})
            return OrderDetails(found, returns, shipments, upsells, personal, instrument)

        return await show(read, find, order_id, show_details)

    async def _opened(self, found: OrderWithPayment, sealed: str | None, work: UnitOfWork) -> dict[str, Any]:
        if not sealed:
            return {}
        return await self.vault.open(work.context.tenant, found.order.customer_id, sealed) or {}

    async def list_upsells_of_order(self, order_id: PathId, read: Read) -> Response:
        """What may be bought after the purchase, with the tokens that buy it."""

        def view(order: Order, now: datetime) -> UpsellsOfOrder:
            return UpsellsOfOrder(items=self._for(read, order_id, show_upsells(order, now)))

        return await show(read, find_order, order_id, view)

    def _for(self, read: QueryRequest, order_id: UUID, upsells: list[UpsellView]) -> list[UpsellView]:
        """With the tokens, for those who may buy."""
        if read.principal.role not in SHOPPERS:
            return upsells
        return with_tokens(upsells, self.links, read.tenant, order_id)


async def list_orders(
    read: Read,
    paging: Paged,
    customer_id: CustomerId = None,
    number: Number = None,
    status: Status = None,
) -> Response:
    """Orders of a customer, with a number or in a status, oldest first. A customer's: also those of the
    customer's other ids, where guests are linked."""
    if sum(it is not None for it in (customer_id, number, status)) != 1:
        raise invalid("Name one of customer_id, number and status.", "/customer_id", "query")
    if customer_id is None:
        return await _search(read, paging, number, status)
    prefixes = partial(prefixes_of, customer_id)
    return await list_by_key(read, paging, CUSTOMER_ORDER, _load, show_order, prefix=prefixes)


async def _search(read: QueryRequest, paging: Paging, number: str | None, status: str | None) -> Response:
    after = paging.after(AwareDatetime, UUID)

    async def act(work: UnitOfWork) -> Result:
        places = await search_orders(
            read.pool, read.tenant, number, status, Place(*after) if after else FIRST, paging.more
        )
        page = paging.page(
            places, key=lambda it: (it.created_at, str(it.order_id)), show=lambda it: it.order_id
        )
        orders = await list_with_payments(page.items, work)
        shown = [show_order(it, work.now) for it in orders]
        return Result(Page(items=shown, next_cursor=page.next_cursor))

    return await read.run(act)


async def _held_by(
    read: QueryRequest, index: str, kind: type[A], order_id: UUID, work: UnitOfWork
) -> Sequence[A]:
    prefixes = [f"{order_id}/"]
    keys = await list_unique_keys(read.pool, read.tenant, index, prefixes=prefixes, limit=SHOWN)
    return await owners(kind)(keys, work)


async def refund_order(order_id: PathId, body: NewRefund, write: KeyedWrite) -> Response:
    """Recorded at once, performed by the gateway afterwards; ``refunds`` of the order has its status. By
    method ``manual`` no call is made: an operator resolves it once it has been paid back."""
    refund = partial(
        refunds.refund_order, order_id, ids.new_id(), body.selection, body.reason, terms=body.terms
    )
    return await execute(
        write, find_order, order_id, then_with_payment(refund), show_order, find_with_payment
    )


async def cancel_order(order_id: PathId, body: Cancellation, write: Write) -> Response:
    """Cancel the order and refund what was paid; or with ``lines``, units that have not been handed over."""
    cancel = (
        partial(refunds.cancel_lines, order_id, ids.new_id(), body.units, body.reason)
        if body.lines
        else partial(refunds.cancel_order, order_id, ids.new_id(), body.reason)
    )
    return await execute(
        write, find_order, order_id, then_with_payment(cancel), show_order, find_with_payment
    )


async def _load(keys: Sequence[UniqueKey], work: UnitOfWork) -> Sequence[OrderWithPayment]:
    return await list_with_payments((it.owner for it in keys), work)


ALL = "/v1/orders"
BY_ID = "/v1/orders/{order_id}"
TO_REFUND = (OrderNotFound, NotRefundable, SeatsInUse)
TO_CANCEL = (OrderNotFound, OrderNotCancellable, NotRefundable)


def table(vault: Vault, personal_of: PersonalOf, links: UpsellLinks) -> RouteTable:
    do = _Handlers(vault, personal_of, links)
    missing = (OrderNotFound,)
    return RouteTable(
        "orders",
        (
            Route("GET", BY_ID, do.get_order, READERS, OrderDetailsView, missing),
            Route("GET", f"{BY_ID}/upsells", do.list_upsells_of_order, READERS, UpsellsOfOrder, missing),
            Route(
                "POST",
                f"{BY_ID}/refunds",
                refund_order,
                ADMINS,
                OrderView,
                TO_REFUND,
                status=202,
                keeps_keys=True,
            ),
            Route("POST", f"{BY_ID}/cancel", cancel_order, ADMINS, OrderView, TO_CANCEL, keeps_keys=True),
            Route("GET", ALL, list_orders, LISTERS, Page[OrderView]),
        ),
    )
