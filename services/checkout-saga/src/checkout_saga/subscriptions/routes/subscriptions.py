"""The routes of subscriptions."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from fastapi import Query, Response
from pydantic import AwareDatetime

from checkout_saga.subscriptions.domain.errors import SubscriptionNotActive, SubscriptionNotFound
from checkout_saga.subscriptions.domain.subscription import Subscription
from checkout_saga.subscriptions.list_query import FIRST, Place, find_subscriptions
from checkout_saga.subscriptions.schemas.subscriptions import (
    SubscriptionCancellation,
    SubscriptionView,
    show_subscription,
)
from checkout_saga.subscriptions.use_cases import cancelling
from checkout_saga.subscriptions.use_cases.reading import find_subscription
from contracts.roles import LISTERS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import Id, PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork

CustomerId: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=128)]
Status: TypeAlias = Annotated[Literal["active", "cancelled"] | None, Query()]
PlanId: TypeAlias = Annotated[Id | None, Query()]


async def get_subscription(subscription_id: PathId, read: Read) -> Response:
    """A subscription."""
    return await show(read, find_subscription, subscription_id, show_subscription)


async def list_subscriptions(
    read: Read,
    paging: Paged,
    customer_id: CustomerId = None,
    status: Status = None,
    plan_id: PlanId = None,
) -> Response:
    """The subscriptions that meet all of the criteria, oldest first; at most a second behind."""
    after = paging.after(AwareDatetime, UUID)
    start = Place(*after) if after else FIRST

    async def act(work: UnitOfWork) -> Result:
        places = await find_subscriptions(
            read.pool, read.tenant, customer_id, status, plan_id, start, paging.more
        )
        page = paging.page(places, key=lambda it: (it.at, str(it.id)), show=lambda it: it.id)
        found = await work.open_many(Subscription, page.items)
        shown = [show_subscription(found[it], work.now) for it in page.items]
        return Result(Page(items=shown, next_cursor=page.next_cursor))

    return await read.run(act)


async def cancel_subscription(
    subscription_id: PathId, body: SubscriptionCancellation, write: Write
) -> Response:
    """End it with its period, or now. Nothing is given back."""
    act = partial(cancelling.cancel, subscription_id, body.reason, now=body.at == "now")
    return await execute(write, find_subscription, subscription_id, act, show_subscription)


async def resume_subscription(subscription_id: PathId, write: Write) -> Response:
    """Withdraw a scheduled cancellation. Without one nothing changes."""
    act = partial(cancelling.resume, subscription_id)
    return await execute(write, find_subscription, subscription_id, act, show_subscription)


ALL = "/v1/subscriptions"
BY_ID = "/v1/subscriptions/{subscription_id}"
TO_CHANGE = (SubscriptionNotFound, SubscriptionNotActive)
ROUTES = RouteTable(
    "subscriptions",
    (
        Route("GET", BY_ID, get_subscription, LISTERS, SubscriptionView, (SubscriptionNotFound,)),
        Route("GET", ALL, list_subscriptions, LISTERS, Page[SubscriptionView]),
        Route("POST", f"{BY_ID}/cancel", cancel_subscription, SERVICES, SubscriptionView, TO_CHANGE),
        Route("POST", f"{BY_ID}/resume", resume_subscription, SERVICES, SubscriptionView, TO_CHANGE),
    ),
)
