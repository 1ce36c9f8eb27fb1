"""HTTP: refunds that need an operator, and the operators' actions."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from checkout_saga.orders.domain.errors import OrderNotFound, RefundNotFound, RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.routes.orders import view_of
from checkout_saga.orders.schemas.views import AttentionView, OrderView, show_attention
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.resolve_refund import latest_refund_request, resolve_refund
from checkout_saga.orders.use_cases.retry_refund import retry_refund
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import ADMINS, OPERATORS
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

Operating = Annotated[CommandRequest, command_request(*OPERATORS)]
Seeing = Annotated[QueryRequest, query_request(*OPERATORS, *ADMINS)]
REFUSALS = refusals(OrderNotFound, RefundNotFound, RefundNotResolvable)


def router(pool: ServicePool, store: EventStore, providers: PaymentProvider) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/attention", response_model=Page[AttentionView], name="list_attention")
    async def list_attention(
        read: Seeing,
        paging: Annotated[Paging, Depends()],
        kind: Annotated[Literal["refund"] | None, Query()] = None,  # noqa: ARG001  # refunds are the only kind so far
    ) -> Response:
        """What waits for an operator, oldest first: refunds that the gateway has refused, has not answered,
        or has paid twice."""
        after = paging.after(str)
        names = await list_unique_keys(
            pool, read.tenant, REFUND_NEEDING_ATTENTION, after=after[0] if after else "", limit=paging.more
        )

        async def act(work: UnitOfWork) -> Result:
            orders = await work.open_many(Order, (it.owner for it in names))
            views = {it.value: show_attention(orders[it.owner], UUID(it.value)) for it in names}
            return Result(paging.page(names, key=lambda it: (it.value,), show=lambda it: views[it.value]))

        return await read.run(act)

    @routes.post(
        "/orders/{order_id}/refunds/{refund_id}/retry",
        response_model=OrderView,
        responses=REFUSALS,
        name="retry_refund",
    )
    async def post_retry(
        order_id: PathId, refund_id: PathId, body: OperatorsReason, write: Operating
    ) -> Response:
        """Repeat the gateway call at once under its key; a refused refund is requested under a new key."""

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Order, order_id))
            order = await retry_refund(order_id, refund_id, body.reason, work)
            return Result(await view_of(order, work), order.version)

        return await write.run(act)

    @routes.post(
        "/orders/{order_id}/refunds/{refund_id}/resolve",
        response_model=OrderView,
        responses=REFUSALS,
        name="resolve_refund",
    )
    async def post_resolve(
        order_id: PathId, refund_id: PathId, body: Resolution, write: Operating
    ) -> Response:
        """Record how the refund ended. ``done``: paid back, by the gateway or the bank. ``not_done``: frees
        its amount; refused while the gateway reports it as done. A refund that was paid twice is closed by
        ``done``."""
        request = await store.run(
            write.context, lambda work: latest_refund_request(order_id, refund_id, work)
        )
        known = await providers.look_up(request) if request else None

        async def act(work: UnitOfWork) -> Result:
            write.check(await work.open(Order, order_id))
            order = await resolve_refund(
                order_id, refund_id, body.outcome, body.reason, body.reference, known, work
            )
            return Result(await view_of(order, work), order.version)

        return await write.run(act)

    return routes
