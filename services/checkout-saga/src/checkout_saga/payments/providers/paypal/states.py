"""What the state of an object at PayPal means for the operation that was asked for."""

from __future__ import annotations

from checkout_saga.payments.domain.answers import About, counted
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers.paypal.documents import Order, Payment

CAPTURED = frozenset({"COMPLETED", "REFUNDED", "PARTIALLY_REFUNDED"})
TOMBSTONE = "void"
"""``custom_id`` of an order that only occupies the request id of an authorization that was given up."""


def is_tombstone(order: Order) -> bool:
    return order.unit.custom_id == TOMBSTONE


def of_order(request: PaymentRequest, order: Order) -> Outcome | None:
    """The outcome of an authorization or a confirmation by its order; None: the payer has approved it, and it
    is to be authorized."""
    if order.payments.authorizations:
        return of_authorization(request, order.payments.authorizations[-1], order.id)
    match order.status:
        case "CREATED" | "PAYER_ACTION_REQUIRED" | "SAVED" if order.page:
            needed = ActionNeeded(order.id, "redirect", order.page)
            amount = order.unit.amount
            about = About(
                None,
                order.unit.invoice_id or "",
                amount.minor if amount else None,
                amount.currency_code if amount else None,
            )
            return counted(request, about, needed)
        case "APPROVED":
            return None
        case "VOIDED":
            return Declined("PAYMENT_DECLINED", "The order is void at the provider.")
        case _:
            return Unknown(f"The order is {order.status} without an authorization.")


def of_authorization(request: PaymentRequest, held: Payment, order_id: str) -> Outcome:
    """For an authorization or a confirmation. One that is captured already was authorized."""
    match held.status:
        case "CREATED" | "CAPTURED" | "PARTIALLY_CAPTURED":
            outcome: Outcome = Done(held.id, request.amount, capture_before=held.expiration_time)
        case "PENDING":
            outcome = ActionNeeded(order_id, "wait")
        case "DENIED" | "VOIDED" | "EXPIRED":
            outcome = Declined("PAYMENT_DECLINED", f"The authorization is {held.status} at the provider.")
        case _:
            outcome = Unknown(f"The authorization is {held.status}.")
    return counted(request, _about(held), outcome)


def of_capture(request: PaymentRequest, taken: Payment) -> Outcome:
    match taken.status:
        case status if status in CAPTURED:
            outcome: Outcome = Done(taken.id, request.amount)
        case "PENDING":
            outcome = ActionNeeded(taken.id, "wait")
        case "DECLINED" | "FAILED":
            outcome = Declined("CAPTURE_FAILED", f"The capture is {taken.status} at the provider.")
        case _:
            outcome = Unknown(f"The capture is {taken.status}.")
    return counted(request, _about(taken), outcome)


def of_refund(request: PaymentRequest, given: Payment) -> Outcome:
    match given.status:
        case "COMPLETED":
            outcome: Outcome = Done(given.id, request.amount)
        case "PENDING":
            outcome = ActionNeeded(given.id, "wait")
        case "FAILED" | "CANCELLED":
            outcome = Declined(f"REFUND_{given.status}", f"The refund is {given.status} at the provider.")
        case _:
            outcome = Unknown(f"The refund is {given.status}.")
    about = About(given.custom_id, str(request.payment_id), given.amount.minor, given.amount.currency_code)
    return counted(request, about, outcome)


def of_void(held: Payment) -> Outcome | None:
    """None: it is still to be voided."""
    match held.status:
        case "VOIDED":
            return Done(held.id, held.amount.minor or 0)
        case "DENIED" | "EXPIRED":
            return Done(held.id, 0)
        case "CAPTURED" | "PARTIALLY_CAPTURED":
            return Declined("ALREADY_CAPTURED", "The authorization is captured at the provider.")
        case _:
            return None


def nothing_done(operation: Operation, issue: str) -> Declined:
    """The provider has refused, and its objects prove that nothing was done."""
    detail = f"The provider refused to {operation}: {issue}."
    match operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            return Declined("PAYMENT_DECLINED", detail)
        case Operation.CAPTURE:
            return Declined("CAPTURE_FAILED", detail)
        case Operation.VOID | Operation.REFUND:
            return Declined("REFUSED", detail)


def _about(document: Payment) -> About:
    money = document.amount
    return About(None, document.invoice_id or "", money.minor, money.currency_code)
