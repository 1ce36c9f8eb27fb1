"""HTTP: checkouts under way, and the operators' actions."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.schemas.requests import GivingUp
from checkout_saga.checkout.schemas.views import CheckoutView, show_checkout
from checkout_saga.checkout.statuses import refusals
from checkout_saga.checkout.use_cases.operating import compensate_saga, resolve_saga, retry_saga
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import OPERATORS
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paging
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
from kernel.postgres.service_pool import ServicePool
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork

Operator = Annotated[QueryRequest, query_request(*OPERATORS)]
Operating = Annotated[CommandRequest, command_request(*OPERATORS)]
Status = Literal["processing", "requires_action", "compensating", "needs_operator"]


def router(pool: ServicePool) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/sagas", response_model=Page[CheckoutView])
    async def list_sagas(
        read: Operator,
        paging: Annotated[Paging, Depends()],
        status: Annotated[Status | None, Query()] = None,
    ) -> Response:
        """The tenant's checkouts that have not ended, oldest first. With ``status`` a page may be short
        although there is a next one."""
        after = paging.after(str)
        names = await list_unique_keys(
            pool, read.tenant, OPEN_CHECKOUT, after=after[0] if after else "", limit=paging.more
        )

        async def act(work: UnitOfWork) -> Result:
            checkouts = await work.open_many(Checkout, (it.owner for it in names))
            page = paging.page(names, key=lambda it: (it.value,), show=lambda it: checkouts[it.owner])
            shown = [show_checkout(it) for it in page.items if status in {None, it.status}]
            return Result(Page(items=shown, next_cursor=page.next_cursor))

        return await read.run(act)

    @routes.post(
        "/sagas/{checkout_id}/retry",
        response_model=CheckoutView,
        responses=refusals(CheckoutNotFound, NotRetriable),
        name="retry_saga",
    )
    async def post_retry(checkout_id: PathId, body: OperatorsReason, write: Operating) -> Response:
        """Repeat at once what is under way: the current steps, or all running compensations."""
        return await _act(write, checkout_id, lambda work: retry_saga(checkout_id, work, body.reason))

    @routes.post(
        "/sagas/{checkout_id}/compensate",
        response_model=CheckoutView,
        responses=refusals(CheckoutNotFound, NotCompensatable),
        name="compensate_saga",
    )
    async def post_compensate(checkout_id: PathId, body: GivingUp, write: Operating) -> Response:
        """Compensate all steps. After the capture only with ``refund``; not while its outcome is unknown."""
        return await _act(
            write,
            checkout_id,
            lambda work: compensate_saga(checkout_id, work, body.reason, refund=body.refund),
        )

    @routes.post(
        "/sagas/{checkout_id}/resolve",
        response_model=CheckoutView,
        responses=refusals(CheckoutNotFound, NotResolvable),
        name="resolve_saga",
    )
    async def post_resolve(checkout_id: PathId, body: Resolution, write: Operating) -> Response:
        """Record how a stuck capture, void or refund ended."""
        return await _act(
            write,
            checkout_id,
            lambda work: resolve_saga(checkout_id, work, body.outcome, body.reason, body.reference),
        )

    return routes


async def _act(
    write: CommandRequest, checkout_id: UUID, use_case: Callable[[UnitOfWork], Awaitable[Checkout]]
) -> Response:
    async def act(work: UnitOfWork) -> Result:
        write.check(await work.open(Checkout, checkout_id))
        checkout = await use_case(work)
        return Result(show_checkout(checkout), checkout.version)

    return await write.run(act)
