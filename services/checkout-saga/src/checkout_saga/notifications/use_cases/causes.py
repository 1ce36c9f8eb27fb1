"""Which facts of this service call for messages, and to whom. A kind of message is a row here, and its words
a template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.waits import FRAUD_REVIEW
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment
from checkout_saga.fulfillment.domain.license import License
from checkout_saga.notifications.domain.kinds import CustomerKind, ShopKind
from checkout_saga.notifications.domain.notification import Occasion
from checkout_saga.orders.domain.order import Order
from contracts import checkout, download, fulfillment, license_, order, reconciliation, return_, shipment
from contracts.envelope import Fact
from kernel.domain import Aggregate
from pricing.money import show

PAYMENT_CODES = frozenset({"PAYMENT_DECLINED", "INSUFFICIENT_FUNDS", "CAPTURE_FAILED"})
"""Codes of failed checkouts that are about the payment."""
PUSH = frozenset({"pix", "boleto"})
"""The kinds of actions with which a customer pays elsewhere, later."""


class Cause(NamedTuple):
    fact: type[Fact]
    kind: CustomerKind | ShopKind
    occasion: Callable[[Any, Any], Occasion | None]
    """Of a fact of that type, and the aggregate that has recorded it. None: this one needs no message."""


def _confirmation(fact: checkout.Completed, _: Checkout) -> Occasion:
    return Occasion(fact.customer_id, order_id=fact.order_id)


def _payment_pending(fact: checkout.ActionRequired, of: Checkout) -> Occasion | None:
    if fact.kind not in PUSH:
        return None
    return Occasion(of.customer_id, details={"attempt": fact.attempt})


def _payment_failed(fact: checkout.Failed, of: Checkout) -> Occasion | None:
    if fact.code not in PAYMENT_CODES:
        return None
    return Occasion(of.customer_id)


def _shipped(fact: shipment.Dispatched, _: Aggregate) -> Occasion:
    return Occasion(
        fact.customer_id,
        fact.order_id,
        details={
            "units": {it.line_id: it.quantity for it in fact.units},
            "carrier": fact.carrier,
            "tracking_number": fact.tracking_number,
            "tracking_url": fact.tracking_url,
        },
    )


def _refunded(fact: order.Refunded, of: Order) -> Occasion:
    details = {"amount": fact.amount, "currency": fact.currency}
    return Occasion(of.customer_id, of.id, details=details)


def _cancelled(_: order.Cancelled, of: Order) -> Occasion | None:
    """The order of a checkout that failed was never confirmed: its customer hears of the payment alone."""
    if not of.results:
        return None
    return Occasion(of.customer_id, of.id)


def _lines_cancelled(fact: order.LinesCancelled, of: Order) -> Occasion:
    details = {"units": {it.line_id: it.quantity for it in fact.units}}
    return Occasion(of.customer_id, of.id, details=details)


def _return_approved(fact: return_.Approved, _: Aggregate) -> Occasion:
    return Occasion(fact.customer_id, fact.order_id, details={"expires_at": fact.expires_at.isoformat()})


def _seat_invited(fact: license_.SeatInvited, of: License) -> Occasion:
    """The invitation belongs to the owner of the licence, under whose key the address is encrypted."""
    return Occasion(of.customer_id, of.order_id, details={"number": fact.number})


def _download_ready(fact: download.Granted, _: Aggregate) -> Occasion:
    return Occasion(fact.customer_id, fact.order_id, details={"units": {fact.line_id: 1}})


def _checkout_failed(fact: checkout.Failed, _: Checkout) -> Occasion:
    return Occasion(code=fact.code, details={"detail": fact.detail})


def _operator_needed(fact: checkout.OperatorNeeded, _: Checkout) -> Occasion:
    details = {"step": fact.step, "detail": fact.detail}
    return Occasion(code=fact.code, details=details)


def _refund_stuck(fact: order.RefundStuck, of: Order) -> Occasion:
    details = {"refund_id": str(fact.refund_id), "tries": fact.tries}
    return Occasion(order_id=of.id, code=fact.code, details=details)


def _fulfillment_failed(fact: fulfillment.Failed, of: Fulfillment) -> Occasion | None:
    """Only if it is not tried again by itself."""
    if not fact.final:
        return None
    details = {"line_id": of.line_id, "detail": fact.detail}
    return Occasion(order_id=of.order_id, code=fact.code, details=details)


def _review_needed(fact: checkout.WaitingBegan, of: Checkout) -> Occasion | None:
    if fact.waiting_for != FRAUD_REVIEW:
        return None
    totals = of.agreed_sale.totals
    return Occasion(code="FRAUD_REVIEW", details={"detail": show(totals.total, of.agreed_sale.currency)})


def _difference_found(fact: reconciliation.DifferenceFound, _: Aggregate) -> Occasion:
    return Occasion(code=fact.code, details={"detail": f"{fact.gateway}: {fact.kind} {fact.reference}"})


CAUSES: Sequence[Cause] = (
    Cause(checkout.Completed, CustomerKind.ORDER_CONFIRMATION, _confirmation),
    Cause(checkout.ActionRequired, CustomerKind.PAYMENT_PENDING, _payment_pending),
    Cause(checkout.Failed, CustomerKind.PAYMENT_FAILED, _payment_failed),
    Cause(shipment.Dispatched, CustomerKind.ORDER_SHIPPED, _shipped),
    Cause(order.Refunded, CustomerKind.ORDER_REFUNDED, _refunded),
    Cause(order.Cancelled, CustomerKind.ORDER_CANCELLED, _cancelled),
    Cause(order.LinesCancelled, CustomerKind.ORDER_CANCELLED, _lines_cancelled),
    Cause(return_.Approved, CustomerKind.RETURN_APPROVED, _return_approved),
    Cause(license_.SeatInvited, CustomerKind.SEAT_INVITATION, _seat_invited),
    Cause(download.Granted, CustomerKind.DOWNLOAD_READY, _download_ready),
    Cause(checkout.Failed, ShopKind.CHECKOUT_FAILED, _checkout_failed),
    Cause(checkout.OperatorNeeded, ShopKind.OPERATOR_NEEDED, _operator_needed),
    Cause(order.RefundStuck, ShopKind.REFUND_STUCK, _refund_stuck),
    Cause(fulfillment.Failed, ShopKind.FULFILLMENT_FAILED, _fulfillment_failed),
    Cause(checkout.WaitingBegan, ShopKind.REVIEW_NEEDED, _review_needed),
    Cause(reconciliation.DifferenceFound, ShopKind.RECONCILIATION_DIFFERENCE, _difference_found),
)


def _by_type() -> Mapping[str, Sequence[Cause]]:
    found: dict[str, list[Cause]] = defaultdict(list)
    for it in CAUSES:
        found[it.fact.TYPE].append(it)
    return MappingProxyType(found)


CAUSES_BY_TYPE = _by_type()
