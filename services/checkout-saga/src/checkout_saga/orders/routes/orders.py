"""HTTP: read, refund and cancel orders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from checkout_saga.orders.domain.errors import NotRefundable, OrderNotCancellable, OrderNotFound
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.schemas.requests import Cancellation, NewRefund
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.use_cases.index_keys import CUSTOMER_ORDER, customer_orders_prefix
from checkout_saga.orders.use_cases.refund_order import cancel_order, refund_order
from checkout_saga.payments.domain.payment import Payment
from contracts.roles import ADMINS, LISTERS, READERS
from kernel import ids
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
from kernel.postgres.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

Refunder = Annotated[CommandRequest, command_request(*ADMINS, key_required=True)]
Canceller = Annotated[CommandRequest, command_request(*ADMINS)]
Reader = Annotated[QueryRequest, query_request(*READERS)]
Lister = Annotated[QueryRequest, query_request(*LISTERS)]
CustomerId = Annotated[str, Query(min_length=1, max_length=128)]


def router(pool: ServicePool) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["orders"])

    @routes.get("/orders/{order_id}", response_model=OrderView, responses=refusals(OrderNotFound))
    async def get_order(order_id: PathId, read: Reader) -> Response:
        """An order with its payments and refunds."""

        async def act(work: UnitOfWork) -> Result:
            order = await work.open(Order, order_id)
            if not order.exists:
                raise OrderNotFound("There is no such order.")
            return Result(await view_of(order, work), order.version)

        return await read.run(act)

    @routes.post(
        "/orders/{order_id}/refunds",
        status_code=202,
        response_model=OrderView,
        responses=refusals(OrderNotFound, NotRefundable),
        name="refund_order",
    )
    async def post_refund(order_id: PathId, body: NewRefund, write: Refunder) -> Response:
        """Recorded at once, performed by the gateway afterwards; ``refunds`` of the order has its status."""
        refund_id = ids.new_id()

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Order, order_id))
            order = await refund_order(order_id, refund_id, body.selection, body.reason, work)
            return Result(await view_of(order, work), order.version, status=202)

        return await write.run(act)

    @routes.post(
        "/orders/{order_id}/cancel",
        response_model=OrderView,
        responses=refusals(OrderNotFound, OrderNotCancellable),
        name="cancel_order",
    )
    async def post_cancel(order_id: PathId, body: Cancellation, write: Canceller) -> Response:
        """Cancel the order and refund what was paid."""

        refund_id = ids.new_id()

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Order, order_id))
            order = await cancel_order(order_id, refund_id, body.reason, work)
            return Result(await view_of(order, work), order.version)

        return await write.run(act)

    @routes.get("/orders", response_model=Page[OrderView])
    async def list_orders(
        read: Lister, customer_id: CustomerId, paging: Annotated[Paging, Depends()]
    ) -> Response:
        """A customer's orders, oldest first."""
        after = paging.after(str)
        names = await list_unique_keys(
            pool,
            read.tenant,
            CUSTOMER_ORDER,
            after=after[0] if after else "",
            prefix=customer_orders_prefix(read.tenant, customer_id),
            limit=paging.more,
        )

        async def act(work: UnitOfWork) -> Result:
            orders = await work.open_many(Order, (it.owner for it in names))
            await work.open_many(Payment, (it.payment_id for it in orders.values() if it.payment_id))
            views = {it.id: await view_of(it, work) for it in orders.values()}
            return Result(paging.page(names, key=lambda it: (it.value,), show=lambda it: views[it.owner]))

        return await read.run(act)

    return routes


async def view_of(order: Order, work: UnitOfWork) -> OrderView:
    payment = await work.open(Payment, order.payment_id) if order.payment_id else None
    return show_order(order, payment)
