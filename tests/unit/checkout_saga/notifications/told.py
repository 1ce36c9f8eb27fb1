"""Facts that are told to customers and to the shop, and the shop's channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import CREATE_ORDER, LOCK_CART
from checkout_saga.checkout.domain.waits import FRAUD_REVIEW, PROVIDER
from checkout_saga.fulfillment.domain.download import Download, download_id_of
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, fulfillment_id
from checkout_saga.fulfillment.domain.license import License, license_id_of
from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.notifications.domain.channels import channels_id
from checkout_saga.notifications.domain.kinds import ShopKind
from checkout_saga.notifications.use_cases.announcing import Announcer
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.domain.order import Order
from checkout_saga.reconciliation.domain.difference import Difference
from checkout_saga.shop_settings.domain import settings_id
from contracts import (
    checkout,
    customer,
    download,
    fulfillment,
    license_,
    notification,
    notification_channels,
    order,
    reconciliation,
    return_,
    shipment,
)
from contracts import settings as shop_settings
from contracts.envelope import Fact
from contracts.notification_channels import Channel
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    CUSTOMER,
    CUSTOMER_STREAM,
    ORDER,
    RESULTS,
    advanced,
    checkout_failed,
    checkout_started,
    order_created,
    order_fields,
    success_of,
)

RETURN, SHIPMENT, REFUND, ADDRESS = UUID(int=0xE1), UUID(int=0xE2), UUID(int=0xE3), UUID(int=0xE4)
LICENSE = license_id_of(ORDER, "a")
MAIL_CHANNEL, SLACK_CHANNEL = UUID(int=0xC1), UUID(int=0xC2)
EXPIRES = NOW + timedelta(days=14)
ALL_SHOP_KINDS = tuple(ShopKind)

COMPLETED = checkout.Completed(
    **stamp(CHECKOUT), order_id=ORDER, cart_id=CHECKOUT, customer_id=CUSTOMER, currency="USD", total=2000
)
PIX = checkout.ActionRequired(
    **stamp(CHECKOUT), step="authorize_payment", url="", attempt=1, kind="pix", action="sealed", until=EXPIRES
)
REDIRECT = PIX.model_copy(update={"kind": "redirect"})
DECLINED = checkout_failed("payment", "PAYMENT_DECLINED")
SOLD_OUT = checkout_failed("reservation", "INSUFFICIENT_INVENTORY")
NEEDED = checkout.OperatorNeeded(**stamp(CHECKOUT), step="refund", code="UNKNOWN_OUTCOME", detail="silence")
DISPATCHED = shipment.Dispatched(
    **stamp(SHIPMENT),
    order_id=ORDER,
    customer_id=CUSTOMER,
    units=(shipment.ShippedUnits(line_id="c", quantity=2),),
    carrier="Correio <1>",
    tracking_number="RR4711PT",
    tracking_url="https://carrier.example/RR4711PT",
)
REFUNDED = order.Refunded(**order_fields(), refund_id=REFUND, currency="USD", amount=1000, reason="asked")
CANCELLED = order.Cancelled(**order_fields(), reason="asked")
LINES_CANCELLED = order.LinesCancelled(
    **order_fields(),
    refund_id=REFUND,
    units=(order.RefundedUnits(line_id="a", quantity=1),),
    reason="asked",
)
APPROVED = return_.Approved(**stamp(RETURN), order_id=ORDER, customer_id=CUSTOMER, expires_at=EXPIRES)
LICENSED = license_.Created(
    **stamp(LICENSE), order_id=ORDER, line_id="a", customer_id=CUSTOMER, course_ids=(), seats=3
)
INVITED = license_.SeatInvited(
    **stamp(LICENSE), number=1, address=ADDRESS, personal="sealed invitee", expires_at=EXPIRES
)
STUCK = order.RefundStuck(**stamp(ORDER), refund_id=REFUND, code="REFUND_MANUAL", tries=0)
HANDING_OVER = fulfillment.Requested(**stamp(fulfillment_id(ORDER, "a")), order_id=ORDER, line_id="a")
LOST = fulfillment.Failed(
    **stamp(fulfillment_id(ORDER, "a")), attempt=1, code="ALREADY_ENROLLED", detail="held", final=True
)
TRIED_AGAIN = LOST.model_copy(update={"final": False})
DOWNLOAD = download_id_of(ORDER, "b")
GRANTED = download.Granted(
    **stamp(DOWNLOAD),
    order_id=ORDER,
    line_id="b",
    customer_id=CUSTOMER,
    asset="books/python.pdf",
    days=30,
    uses=5,
)
LOCKED = advanced(done=(success_of(LOCK_CART),))
REVIEWED = checkout.WaitingBegan(
    **stamp(CHECKOUT), waiting_for=FRAUD_REVIEW, step=CREATE_ORDER, until=EXPIRES, status="needs_operator"
)
AT_THE_PROVIDER = REVIEWED.model_copy(update={"waiting_for": PROVIDER})
ACCOUNT = UUID(int=0xE5)
DIFFERENT = reconciliation.DifferenceFound(
    **stamp(UUID(int=0xD1)),
    account_id=ACCOUNT,
    gateway="simulated",
    code="MONEY_FOUND",
    kind="capture",
    reference="ch_1",
    currency="USD",
    theirs=1000,
)
HANDED_OVER = order.Fulfilled(**order_fields(), results=RESULTS)

STARTED = checkout_started()
BOUGHT = order_created()
AGGREGATES: dict[str, type[Aggregate]] = {
    "checkout": Checkout,
    "order": Order,
    "shipment": Shipment,
    "return": GoodsReturn,
    "license": License,
    "fulfillment": Fulfillment,
    "download": Download,
    "reconciliation": Difference,
}


def channel(channel_id: UUID, kind: str, *kinds: str) -> Channel:
    return Channel(channel_id=channel_id, kind=kind, target="sealed target", kinds=kinds or ALL_SHOP_KINDS)


def channels_set(*channels: Channel) -> notification_channels.Changed:
    return notification_channels.Changed(**stamp(channels_id("demo")), channels=channels)


BOTH = channels_set(channel(MAIL_CHANNEL, "email"), channel(SLACK_CHANNEL, "slack"))


def told(story: Scenario, fact: Fact, *, has_mail: bool = True) -> Scenario:
    """The unit of work that has recorded the fact, the last one of its stream, decides what follows."""

    async def act(it: Fact, work: UnitOfWork) -> None:
        aggregate = await work.open(AGGREGATES[it.TYPE.partition(".")[0]], it.originator_id)
        await Announcer(has_mail=has_mail).react(it, aggregate, work)

    return story.when(act, fact)


def requested_in(story: Scenario) -> Sequence[notification.Requested]:
    return [it for it in story.work.facts if isinstance(it, notification.Requested)]


def customer_exists(**changes: Any) -> Fact:
    created = customer.Created(**stamp(CUSTOMER_STREAM), personal="sealed person", guest=False)
    return created.model_copy(update=changes)


def settings(**changes: Any) -> Fact:
    return shop_settings.Changed(**stamp(settings_id("demo")), **changes)
