"""State machine of one payment: authorized once, captured once or voided, refunded up to the capture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from simulators.gateway import tokens

PUSH_METHODS = frozenset({"pix", "boleto"})
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
    method: str | None = None
    """None: a card, like every method that is not a push method."""
    disputed: int = 0
    """The amounts of its open and its lost disputes."""

    @property
    def kind(self) -> str | None:
        return tokens.base_of(self.token)

    @property
    def is_push(self) -> bool:
        """It is paid by the customer at a bank: nothing is held before."""
        return self.method in PUSH_METHODS


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
    match payment.kind:
        case _ if payment.is_push:
            status, code = "requires_action", None
        case token if token in tokens.APPROVED:
            status, code = "authorized", None
        case tokens.ACTION | tokens.ACTION_DECLINED:
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
    if payment.status == "authorized" and payment.kind == tokens.ACTION:
        return Outcome(payment, "authorized", *known)  # the customer has approved it at the gateway
    if payment.is_push or payment.status != "requires_action":
        codes = {
            "voided": "ALREADY_VOIDED",
            "authorized": "ALREADY_AUTHORIZED",
            "captured": "ALREADY_CAPTURED",
        }
        return _rejected(payment, known, "declined", codes.get(payment.status, "NOT_AUTHORIZED"))
    if payment.kind == tokens.ACTION_DECLINED:
        return Outcome(replace(payment, status="declined"), "declined", *known, "PAYMENT_DECLINED")
    return Outcome(replace(payment, status="authorized"), "authorized", *known)


def act(payment: Payment, do: str, amount: int | None) -> Outcome | None:
    """What the customer does at the gateway or at a bank: ``approve``, ``decline`` or ``pay``. ``amount``:
    what is paid, in minor units; None: what was asked for. Returns None for what is not possible now."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status != "requires_action" or (payment.is_push is not (do == "pay") and do != "decline"):
        return None
    match do:
        case "approve" if payment.kind == tokens.ACTION:
            return Outcome(replace(payment, status="authorized"), "authorized", *known)
        case "pay":
            paid = known.amount if amount is None else amount
            held = max(paid, known.amount)
            changed = replace(payment, status="captured", authorized=held, captured=paid)
            return Outcome(changed, "captured", paid, known.currency)
        case _:
            return Outcome(replace(payment, status="declined"), "declined", *known, "PAYMENT_DECLINED")


def capture_late(payment: Payment, requested: RequestedAmount, age: timedelta) -> Outcome:
    """Capture so long after the checkout's first call: the gateway may have ended the authorization."""
    is_late = payment.kind == tokens.AUTH_EXPIRES and age >= tokens.LAPSES_AFTER
    if is_late and payment.status == "authorized":
        return _rejected(payment, requested, "refused", "AUTHORIZATION_EXPIRED")
    return capture(payment, requested)


def capture(payment: Payment, requested: RequestedAmount) -> Outcome:
    if payment.status != "authorized":
        codes = {"voided": "ALREADY_VOIDED", "captured": "ALREADY_CAPTURED"}
        return _rejected(payment, requested, "refused", codes.get(payment.status, "NOT_AUTHORIZED"))
    if payment.kind == tokens.CAPTURE_FAILS:
        return _rejected(payment, requested, "refused", "CAPTURE_FAILED")
    if requested.currency != payment.currency or requested.amount > payment.authorized:
        return _rejected(payment, requested, "refused", "CAPTURE_EXCEEDS_AUTHORIZATION")
    return Outcome(replace(payment, status="captured", captured=requested.amount), "captured", *requested)


def void(payment: Payment, _requested: RequestedAmount) -> Outcome:
    """Release the authorization. Later operations on the payment are refused."""
    known = RequestedAmount(payment.authorized, payment.currency)
    if payment.status == "captured":
        return _rejected(payment, known, "refused", "ALREADY_CAPTURED")
    if payment.kind == tokens.VOID_REFUSED and payment.status == "authorized":
        return _rejected(payment, known, "refused", "VOID_REFUSED")
    return Outcome(replace(payment, status="voided", authorized=0), "voided", *known)


def refund(payment: Payment, requested: RequestedAmount) -> Outcome:
    if payment.status != "captured":
        return _rejected(payment, requested, "refused", "NOT_CAPTURED")
    if payment.kind == tokens.REFUND_FAILS:
        return _rejected(payment, requested, "refused", "REFUND_FAILED")
    if (
        requested.currency != payment.currency
        or requested.amount > payment.captured - payment.refunded - payment.disputed
    ):
        return _rejected(payment, requested, "refused", "REFUND_EXCEEDS_CAPTURE")
    status = "pending" if payment.kind == tokens.REFUND_PENDING else "refunded"
    return Outcome(replace(payment, refunded=payment.refunded + requested.amount), status, *requested)


def _rejected(payment: Payment, requested: RequestedAmount, status: str, code: str) -> Outcome:
    return Outcome(payment, status, *requested, code)
