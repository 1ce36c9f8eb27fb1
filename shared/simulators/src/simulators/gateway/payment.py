"""State machine of one payment: authorized once, captured once or voided, refunded up to the capture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from simulators.gateway import tokens

ACTIVE_STATUSES = frozenset({"authorized", "requires_action", "captured"})


@dataclass(frozen=True, slots=True)
class Payment:
    """Amounts are minor units of ``currency``. The void of an unknown payment leaves a voided one: a
    tombstone."""

    token: str | None = None
    status: str = "new"
    currency: str | None = None
    authorized: int = 0
    captured: int = 0
    refunded: int = 0


class RequestedAmount(NamedTuple):
    """Amount and currency of a request; voids and confirmations have none."""

    amount: int = 0
    currency: str | None = None


class Outcome(NamedTuple):
    payment: Payment
    status: str
    amount: int
    currency: str | None
    code: str | None = None


def authorize(payment: Payment, requested: RequestedAmount) -> Outcome:
    if payment.status == "voided":
        return _rejected(payment, requested, "declined", "ALREADY_VOIDED")
    if payment.status in ACTIVE_STATUSES:
        return _rejected(payment, requested, "declined", "ALREADY_AUTHORIZED")
    payment = replace(payment, currency=requested.currency)
    match payment.token:
        case tokens.OK | tokens.TIMEOUT | tokens.FLAKY | tokens.CAPTURE_FAILS | tokens.DOWN:
            status, code = "authorized", None
        case tokens.ACTION:
            status, code = "requires_action", None
        case tokens.INSUFFICIENT_FUNDS:
            status, code = "declined", "INSUFFICIENT_FUNDS"
        case _:
            status, code = "declined", "PAYMENT_DECLINED"
    held = 0 if status == "declined" else requested.amount
    return Outcome(replace(payment, status=status, authorized=held), status, *requested, code)


def confirm(payment: Payment, _requested: RequestedAmount) -> Outcome:
    """Authorize a payment whose customer has completed the required action."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status != "requires_action":
        codes = {
            "voided": "ALREADY_VOIDED",
            "authorized": "ALREADY_AUTHORIZED",
            "captured": "ALREADY_CAPTURED",
        }
        return _rejected(payment, known, "declined", codes.get(payment.status, "NOT_AUTHORIZED"))
    return Outcome(replace(payment, status="authorized"), "authorized", *known)


def capture(payment: Payment, requested: RequestedAmount) -> Outcome:
    if payment.status != "authorized":
        codes = {"voided": "ALREADY_VOIDED", "captured": "ALREADY_CAPTURED"}
        return _rejected(payment, requested, "refused", codes.get(payment.status, "NOT_AUTHORIZED"))
    if payment.token == tokens.CAPTURE_FAILS:
        return _rejected(payment, requested, "refused", "CAPTURE_FAILED")
    if requested.currency != payment.currency or requested.amount > payment.authorized:
        return _rejected(payment, requested, "refused", "CAPTURE_EXCEEDS_AUTHORIZATION")
    return Outcome(replace(payment, status="captured", captured=requested.amount), "captured", *requested)


def void(payment: Payment, _requested: RequestedAmount) -> Outcome:
    """Release the authorization. Later operations on the payment are refused."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status == "captured":
        return _rejected(payment, known, "refused", "ALREADY_CAPTURED")
    return Outcome(replace(payment, status="voided", authorized=0), "voided", *known)


def refund(payment: Payment, requested: RequestedAmount) -> Outcome:
    if payment.status != "captured":
        return _rejected(payment, requested, "refused", "NOT_CAPTURED")
    if requested.currency != payment.currency or requested.amount > payment.captured - payment.refunded:
        return _rejected(payment, requested, "refused", "REFUND_EXCEEDS_CAPTURE")
    return Outcome(replace(payment, refunded=payment.refunded + requested.amount), "refunded", *requested)


def _rejected(payment: Payment, requested: RequestedAmount, status: str, code: str) -> Outcome:
    return Outcome(payment, status, *requested, code)
