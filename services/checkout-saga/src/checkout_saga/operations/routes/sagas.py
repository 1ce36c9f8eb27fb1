"""The routes of checkouts under way, and of the operators' actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from fastapi import Query, Response

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.schemas.requests import GivingUp
from checkout_saga.checkout.schemas.views import CheckoutView, view_of
from checkout_saga.checkout.use_cases import operating
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.routes.dry_runs import DryRun
from checkout_saga.operations.schemas.dry_runs import DryRunView
from checkout_saga.operations.schemas.triage import TriageView
from checkout_saga.operations.triage import Triages
from checkout_saga.orders.domain.order import Order
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import OPERATORS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import UseCase, execute, show_changes
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, OwnerId, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.unit_of_work import UnitOfWork

Status: TypeAlias = Annotated[
    Literal["processing", "requires_action", "compensating", "needs_operator"] | None, Query()
]
OfCustomer: TypeAlias = Annotated[OwnerId | None, Query()]
OfId: TypeAlias = Annotated[Id | None, Query()]


async def list_sagas(
    read: Read,
    paging: Paged,
    status: Status = None,
    customer_id: OfCustomer = None,
    cart_id: OfId = None,
    order_id: OfId = None,
) -> Response:
    """The tenant's checkouts that have not ended, oldest first, or with ``order_id`` the one of that order,
    also if it has ended. With another filter a page may be short although there is a next one."""

    def is_wanted(it: Checkout) -> bool:
        return (
            status in {None, it.status}
            and customer_id in {None, it.customer_id}
            and cart_id in {None, it.cart_id}
        )

    if order_id is None:
        return await list_by_key(read, paging, OPEN_CHECKOUT, owners(Checkout), view_of, keep=is_wanted)
    return await read.run(partial(_of_order, order_id, is_wanted))


async def _of_order(order_id: UUID, is_wanted: Callable[[Checkout], bool], work: UnitOfWork) -> Result:
    order = await work.open(Order, order_id)
    checkout = await work.open(Checkout, order.checkout_id) if order.exists else None
    found = [checkout] if checkout and is_wanted(checkout) else []
    return Result(Page(items=[view_of(it, work.now) for it in found]))


@dataclass(frozen=True, slots=True)
class _Handlers:
    dry_runs: DryRuns
    triages: Triages

    async def get_saga(self, checkout_id: PathId, read: Read) -> Response:
        """What is known of a checkout and what is not, what it waits for, and what an operator may do about
        it. For an outcome that is not known the provider is asked once, for two seconds at most."""
        triage = await self.triages.examine(read.context, checkout_id)
        return Result(triage.view, triage.version).serialize().response()

    async def retry_saga(
        self, checkout_id: PathId, body: OperatorsReason, write: Write, dry_run: DryRun = False
    ) -> Response:
        """Repeat at once what is under way: the current steps, or all running compensations."""
        return await self._act(
            checkout_id,
            write,
            lambda work: operating.retry_saga(checkout_id, work, body.reason),
            dry_run=dry_run,
        )

    async def compensate_saga(
        self, checkout_id: PathId, body: GivingUp, write: Write, dry_run: DryRun = False
    ) -> Response:
        """Compensate all steps. After the capture only with ``refund``; not while its outcome is unknown."""
        return await self._act(
            checkout_id,
            write,
            lambda work: operating.compensate_saga(checkout_id, work, body.reason, refund=body.refund),
            dry_run=dry_run,
        )

    async def resolve_saga(
        self, checkout_id: PathId, body: Resolution, write: Write, dry_run: DryRun = False
    ) -> Response:
        """Record how a stuck capture, void or refund ended."""
        return await self._act(
            checkout_id,
            write,
            lambda work: operating.resolve_saga(checkout_id, work, body.outcome, body.reason, body.reference),
            dry_run=dry_run,
        )

    async def _act(
        self, checkout_id: UUID, write: Write, use_case: UseCase[Checkout], *, dry_run: bool
    ) -> Response:
        if dry_run:
            return await show_changes(write, find_checkout, checkout_id, use_case, self.dry_runs.show)
        return await execute(write, find_checkout, checkout_id, use_case, view_of)


def table(dry_runs: DryRuns, triages: Triages) -> RouteTable:
    do = _Handlers(dry_runs, triages)
    by_id = "/v1/sagas/{checkout_id}"
    shown: Mapping[int | str, dict[str, Any]] = {
        200: {"description": "The checkout; or with dry_run what would be done."}
    }
    view = CheckoutView | DryRunView
    to_retry = (CheckoutNotFound, NotRetriable)
    to_give_up = (CheckoutNotFound, NotCompensatable)
    to_resolve = (CheckoutNotFound, NotResolvable)
    return RouteTable(
        "operations",
        (
            Route("GET", "/v1/sagas", list_sagas, OPERATORS, Page[CheckoutView]),
            Route("GET", by_id, do.get_saga, OPERATORS, TriageView, (CheckoutNotFound,)),
            Route("POST", f"{by_id}/retry", do.retry_saga, OPERATORS, view, to_retry, responses=shown),
            Route(
                "POST",
                f"{by_id}/compensate",
                do.compensate_saga,
                OPERATORS,
                view,
                to_give_up,
                responses=shown,
            ),
            Route("POST", f"{by_id}/resolve", do.resolve_saga, OPERATORS, view, to_resolve, responses=shown),
        ),
    )
