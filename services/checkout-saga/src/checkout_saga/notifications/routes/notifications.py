"""The routes of notifications."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeAlias

from fastapi import Query, Response

from checkout_saga.customers.use_cases import ids_of
from checkout_saga.notifications.domain.errors import NotificationNotFound
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.notifications.schemas.notifications import NotificationView, show_notification
from checkout_saga.notifications.use_cases import resending
from checkout_saga.notifications.use_cases.listing import (
    CUSTOMER_NOTIFICATION,
    ORDER_NOTIFICATION,
    customer_prefix,
)
from checkout_saga.notifications.use_cases.resending import find_notification
from contracts.roles import ADMINS, LISTERS, OPERATORS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.problems import invalid
from kernel.http.requests import Id, PathId
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork

OfOrder: TypeAlias = Annotated[Id | None, Query()]
OfCustomer: TypeAlias = Annotated[str | None, Query(min_length=1, max_length=128)]


async def get_notification(notification_id: PathId, read: Read) -> Response:
    """A message, and what has become of it."""
    return await show(read, find_notification, notification_id, show_notification)


async def list_notifications(
    read: Read, paging: Paged, order_id: OfOrder = None, customer_id: OfCustomer = None
) -> Response:
    """An order's messages, or a customer's with those of the customer's other ids; oldest first."""
    load = owners(Notification)
    if order_id is not None and customer_id is None:
        prefix = f"{order_id}/"
        return await list_by_key(read, paging, ORDER_NOTIFICATION, load, show_notification, prefix=prefix)
    if customer_id is None or order_id is not None:
        raise invalid("Name either order_id or customer_id.", "/order_id", "query")

    async def prefixes(work: UnitOfWork) -> list[str]:
        return [customer_prefix(read.tenant, it) for it in await ids_of(customer_id, work)]

    return await list_by_key(read, paging, CUSTOMER_NOTIFICATION, load, show_notification, prefix=prefixes)


async def resend_notification(notification_id: PathId, write: Write) -> Response:
    """Send a message again: also one that may have been sent. One that still waits is tried at once."""
    act = partial(resending.resend, notification_id)
    return await execute(write, find_notification, notification_id, act, show_notification)


ALL = "/v1/notifications"
BY_ID = f"{ALL}/{{notification_id}}"
SENDERS = (*ADMINS, *OPERATORS)
ROUTES = RouteTable(
    "notifications",
    (
        Route("GET", BY_ID, get_notification, LISTERS, NotificationView, (NotificationNotFound,)),
        Route("GET", ALL, list_notifications, LISTERS, Page[NotificationView]),
        Route(
            "POST",
            f"{BY_ID}/resend",
            resend_notification,
            SENDERS,
            NotificationView,
            (NotificationNotFound,),
            202,
        ),
    ),
)
