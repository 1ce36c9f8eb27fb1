"""What a message shows, from the aggregates that it is about, as they are when it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.fulfillment.domain.download import Download, DownloadStatus
from checkout_saga.fulfillment.domain.license import License, Seat, SeatStatus
from checkout_saga.notifications.domain.kinds import OVERTAKEN, CustomerKind
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.orders.domain.order import Order
from contracts.sale import SaleLine
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Shown:
    """``values`` by name, as the templates use them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    seat: Seat | None = None
    """To whom it goes, if that is not the customer."""
    sealed: str | None = None
    """Further values, encrypted under the customer's key."""


Show = Callable[[Notification, UnitOfWork], Awaitable[Shown | str]]
"""A text: the reason why the message is not sent any more."""


async def _order(notification: Notification, work: UnitOfWork) -> Shown:
    """Lines and amounts of the order; of a message about some units, these alone."""
    if notification.order_id is None:
        raise RuntimeError(f"a message of kind {notification.kind} is about an order")
    order = await work.open(Order, notification.order_id)
    units: Mapping[str, int] | None = notification.details.get("units")
    lines = [_line(it, units) for it in order.sale.lines if units is None or it.line_id in units]
    values = {
        "number": order.number,
        "lines": lines,
        "totals": order.sale.totals if units is None else None,
        "currency": order.sale.currency,
        "order_id": order.id,
    }
    return Shown({**values, **notification.details})


def _line(line: SaleLine, units: Mapping[str, int] | None) -> Mapping[str, Any]:
    quantity = line.quantity if units is None else units[line.line_id]
    return {"name": line.name, "quantity": quantity, "total": line.total if units is None else None}


async def _return(notification: Notification, work: UnitOfWork) -> Shown:
    shown = await _order(notification, work)
    until = datetime.fromisoformat(notification.details["expires_at"])
    return Shown({**shown.values, "expires_at": until})


async def _payment_pending(notification: Notification, work: UnitOfWork) -> Shown | str:
    """Not if the checkout does not wait for this payment any more."""
    checkout = await work.open(Checkout, notification.about)
    asked = checkout.action
    if asked is None or checkout.waiting is None or asked.attempt != notification.details["attempt"]:
        return OVERTAKEN
    values = {**_purchase(checkout), "url": asked.url, "until": asked.until, "method": asked.kind}
    return Shown(values, sealed=asked.action)


async def _payment_failed(notification: Notification, work: UnitOfWork) -> Shown:
    return Shown(_purchase(await work.open(Checkout, notification.about)))


def _purchase(checkout: Checkout) -> Mapping[str, Any]:
    sale = checkout.agreed_sale
    return {"lines": sale.lines, "totals": sale.totals, "currency": sale.currency}


async def _invitation(notification: Notification, work: UnitOfWork) -> Shown | str:
    """Not if the seat was accepted, taken back, or has expired."""
    found = await work.open(License, notification.about)
    seat = found.seats[notification.details["number"]]
    if seat.status is not SeatStatus.INVITED or seat.expires_at <= work.now:
        return OVERTAKEN
    return Shown({"expires_at": seat.expires_at, "license_id": found.id}, seat)


async def _download(notification: Notification, work: UnitOfWork) -> Shown | str:
    """Not if the file cannot be fetched any more."""
    found = await work.open(Download, notification.about)
    if found.status_at(work.now) is not DownloadStatus.ACTIVE:
        return OVERTAKEN
    shown = await _order(notification, work)
    return Shown({**shown.values, "uses": found.uses - found.used, "expires_at": found.expires_at})


async def _reward(notification: Notification, _work: UnitOfWork) -> Shown:
    return Shown(notification.details)


def shown_to_shop(notification: Notification) -> Shown:
    values = {
        "about": notification.about,
        "order_id": notification.order_id,
        "code": notification.code,
        "detail": None,
    }
    return Shown({**values, **notification.details})


SHOWN: Mapping[str, Show] = MappingProxyType(
    {
        CustomerKind.ORDER_CONFIRMATION: _order,
        CustomerKind.PAYMENT_PENDING: _payment_pending,
        CustomerKind.PAYMENT_FAILED: _payment_failed,
        CustomerKind.ORDER_SHIPPED: _order,
        CustomerKind.ORDER_REFUNDED: _order,
        CustomerKind.ORDER_CANCELLED: _order,
        CustomerKind.RETURN_APPROVED: _return,
        CustomerKind.SEAT_INVITATION: _invitation,
        CustomerKind.REWARD_GRANTED: _reward,
        CustomerKind.DOWNLOAD_READY: _download,
    }
)
