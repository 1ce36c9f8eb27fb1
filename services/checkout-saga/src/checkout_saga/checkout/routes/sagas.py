"""The routes of checkouts under way, and of the operators' actions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import Query, Response

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import CheckoutNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.schemas.requests import GivingUp
from checkout_saga.checkout.schemas.views import CheckoutView, view_of
from checkout_saga.checkout.use_cases import operating
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import OPERATORS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable

Status: TypeAlias = Annotated[
    Literal["processing", "requires_action", "compensating", "needs_operator"] | None, Query()
]


async def list_sagas(read: Read, paging: Paged, status: Status = None) -> Response:
    """The tenant's checkouts that have not ended, oldest first. With ``status`` a page may be short
    although there is a next one."""
    return await list_by_key(
        read, paging, OPEN_CHECKOUT, owners(Checkout), view_of, keep=lambda it: status in {None, it.status}
    )


async def retry_saga(checkout_id: PathId, body: OperatorsReason, write: Write) -> Response:
    """Repeat at once what is under way: the current steps, or all running compensations."""
    return await execute(
        write,
        find_checkout,
        checkout_id,
        lambda work: operating.retry_saga(checkout_id, work, body.reason),
        view_of,
    )


async def compensate_saga(checkout_id: PathId, body: GivingUp, write: Write) -> Response:
    """Compensate all steps. After the capture only with ``refund``; not while its outcome is unknown."""
    return await execute(
        write,
        find_checkout,
        checkout_id,
        lambda work: operating.compensate_saga(checkout_id, work, body.reason, refund=body.refund),
        view_of,
    )


async def resolve_saga(checkout_id: PathId, body: Resolution, write: Write) -> Response:
    """Record how a stuck capture, void or refund ended."""
    return await execute(
        write,
        find_checkout,
        checkout_id,
        lambda work: operating.resolve_saga(checkout_id, work, body.outcome, body.reason, body.reference),
        view_of,
    )


ALL = "/v1/sagas"
BY_ID = "/v1/sagas/{checkout_id}"
TO_RETRY = (CheckoutNotFound, NotRetriable)
TO_COMPENSATE = (CheckoutNotFound, NotCompensatable)
TO_RESOLVE = (CheckoutNotFound, NotResolvable)
ROUTES = RouteTable(
    "operations",
    (
        Route("GET", ALL, list_sagas, OPERATORS, Page[CheckoutView]),
        Route("POST", f"{BY_ID}/retry", retry_saga, OPERATORS, CheckoutView, TO_RETRY),
        Route("POST", f"{BY_ID}/compensate", compensate_saga, OPERATORS, CheckoutView, TO_COMPENSATE),
        Route("POST", f"{BY_ID}/resolve", resolve_saga, OPERATORS, CheckoutView, TO_RESOLVE),
    ),
)
