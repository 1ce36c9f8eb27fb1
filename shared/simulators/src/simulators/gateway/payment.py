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


def authorize(it: Payment, asked: RequestedAmount) -> Outcome:
    if it.status == "voided":
        return _rejected(it, asked, "declined", "ALREADY_VOIDED")
    if it.status in ACTIVE_STATUSES:
        return _rejected(it, asked, "declined", "ALREADY_AUTHORIZED")
    it = replace(it, currency=asked.currency)
    match it.token:
        case tokens.OK | tokens.TIMEOUT | tokens.FLAKY | tokens.CAPTURE_FAILS | tokens.DOWN:
            status, code = "authorized", None
        case tokens.ACTION:
            status, code = "requires_action", None
        case tokens.INSUFFICIENT_FUNDS:
            status, code = "declined", "INSUFFICIENT_FUNDS"
        case _:
            status, code = "declined", "PAYMENT_DECLINED"
    held = 0 if status == "declined" else asked.amount
    return Outcome(replace(it, status=status, authorized=held), status, *asked, code)


def confirm(it: Payment, _asked: RequestedAmount) -> Outcome:
    """The customer has done what was required of them."""
    known = RequestedAmount(it.authorized, it.currency)
    if it.status != "requires_action":
        codes = {
            "voided": "ALREADY_VOIDED",
            "authorized": "ALREADY_AUTHORIZED",
            "captured": "ALREADY_CAPTURED",
        }
        return _rejected(it, known, "declined", codes.get(it.status, "NOT_AUTHORIZED"))
    return Outcome(replace(it, status="authorized"), "authorized", *known)


def capture(it: Payment, asked: RequestedAmount) -> Outcome:
    if it.status != "authorized":
        codes = {"voided": "ALREADY_VOIDED", "captured": "ALREADY_CAPTURED"}
        return _rejected(it, asked, "refused", codes.get(it.status, "NOT_AUTHORIZED"))
    if it.token == tokens.CAPTURE_FAILS:
        return _rejected(it, asked, "refused", "CAPTURE_FAILED")
    if asked.currency != it.currency or asked.amount > it.authorized:
        return _rejected(it, asked, "refused", "CAPTURE_EXCEEDS_AUTHORIZATION")
    return Outcome(replace(it, status="captured", captured=asked.amount), "captured", *asked)


def void(it: Payment, _asked: RequestedAmount) -> Outcome:
    """Nothing is held afterwards, and nothing ever will be, whatever still is on its way."""
    known = RequestedAmount(it.authorized, it.currency)
    if it.status == "captured":
        return _rejected(it, known, "refused", "ALREADY_CAPTURED")
    return Outcome(replace(it, status="voided", authorized=0), "voided", *known)


def refund(it: Payment, asked: RequestedAmount) -> Outcome:
    if it.status != "captured":
        return _rejected(it, asked, "refused", "NOT_CAPTURED")
    if asked.currency != it.currency or asked.amount > it.captured - it.refunded:
        return _rejected(it, asked, "refused", "REFUND_EXCEEDS_CAPTURE")
    return Outcome(replace(it, refunded=it.refunded + asked.amount), "refunded", *asked)


def _rejected(it: Payment, asked: RequestedAmount, status: str, code: str) -> Outcome:
    return Outcome(it, status, *asked, code)
