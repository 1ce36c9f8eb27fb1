"""What may happen to one payment at the gateway: held once, taken once or let go, given back at most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from simulators.gateway import tokens

ACTIVE_STATUSES = frozenset({"authorized", "requires_action", "captured"})


@dataclass(frozen=True, slots=True)
class Payment:
    """Amounts are minor units of ``currency``. A voided payment that was never seen before is a tombstone."""

    token: str | None = None
    status: str = "new"
    currency: str | None = None
    authorized: int = 0
    captured: int = 0
    refunded: int = 0


class RequestedAmount(NamedTuple):
    """What an operation names besides the payment; a void and a confirmation name nothing."""

    amount: int = 0
    currency: str | None = None


class Outcome(NamedTuple):
    payment: Payment
    status: str
    amount: int
    currency: str | None
    code: str | None = None


def authorize(payment: Payment, asked: RequestedAmount) -> Outcome:
    if payment.status == "voided":
        return _rejected(payment, asked, "declined", "ALREADY_VOIDED")
    if payment.status in ACTIVE_STATUSES:
        return _rejected(payment, asked, "declined", "ALREADY_AUTHORIZED")
    payment = replace(payment, currency=asked.currency)
    match payment.token:
        case tokens.OK | tokens.TIMEOUT | tokens.FLAKY | tokens.CAPTURE_FAILS | tokens.DOWN:
            status, code = "authorized", None
        case tokens.ACTION:
            status, code = "requires_action", None
        case tokens.INSUFFICIENT_FUNDS:
            status, code = "declined", "INSUFFICIENT_FUNDS"
        case _:
            status, code = "declined", "PAYMENT_DECLINED"
    held = 0 if status == "declined" else asked.amount
    return Outcome(replace(payment, status=status, authorized=held), status, *asked, code)


def confirm(payment: Payment, _asked: RequestedAmount) -> Outcome:
    """The customer has done what was required of them."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status != "requires_action":
        codes = {
            "voided": "ALREADY_VOIDED",
            "authorized": "ALREADY_AUTHORIZED",
            "captured": "ALREADY_CAPTURED",
        }
        return _rejected(payment, known, "declined", codes.get(payment.status, "NOT_AUTHORIZED"))
    return Outcome(replace(payment, status="authorized"), "authorized", *known)


def capture(payment: Payment, asked: RequestedAmount) -> Outcome:
    if payment.status != "authorized":
        codes = {"voided": "ALREADY_VOIDED", "captured": "ALREADY_CAPTURED"}
        return _rejected(payment, asked, "refused", codes.get(payment.status, "NOT_AUTHORIZED"))
    if payment.token == tokens.CAPTURE_FAILS:
        return _rejected(payment, asked, "refused", "CAPTURE_FAILED")
    if asked.currency != payment.currency or asked.amount > payment.authorized:
        return _rejected(payment, asked, "refused", "CAPTURE_EXCEEDS_AUTHORIZATION")
    return Outcome(replace(payment, status="captured", captured=asked.amount), "captured", *asked)


def void(payment: Payment, _asked: RequestedAmount) -> Outcome:
    """Nothing is held afterwards, and nothing ever will be, whatever still is on its way."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status == "captured":
        return _rejected(payment, known, "refused", "ALREADY_CAPTURED")
    return Outcome(replace(payment, status="voided", authorized=0), "voided", *known)


def refund(payment: Payment, asked: RequestedAmount) -> Outcome:
    if payment.status != "captured":
        return _rejected(payment, asked, "refused", "NOT_CAPTURED")
    if asked.currency != payment.currency or asked.amount > payment.captured - payment.refunded:
        return _rejected(payment, asked, "refused", "REFUND_EXCEEDS_CAPTURE")
    return Outcome(replace(payment, refunded=payment.refunded + asked.amount), "refunded", *asked)


def _rejected(payment: Payment, asked: RequestedAmount, status: str, code: str) -> Outcome:
    return Outcome(payment, status, *asked, code)
