"""What the state of a PaymentIntent means for each operation.

``NOT_DONE`` is the proof that the operation has not happened: it may be sent. All else is an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from checkout_saga.payments.domain.answers import About, counted
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Instrument,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.reversal import ALREADY_CAPTURED
from checkout_saga.payments.providers.stripe.actions import action_of
from checkout_saga.payments.providers.stripe.amounts import from_stripe
from checkout_saga.payments.providers.stripe.refusals import capture_failed, declined_by

Object = Mapping[str, Any]
HOLD_LASTS = timedelta(days=4, hours=18)
"""If the charge does not say when its authorization ends: the shortest time of any card brand."""


class Verdict(Enum):
    NOT_DONE = auto()
    CONFIRM = auto()
    """The provider waits for the confirmation, which only the shop can send."""


NOT_DONE: Final = Verdict.NOT_DONE
CONFIRM: Final = Verdict.CONFIRM


def judged(request: PaymentRequest, intent: Object) -> Outcome | Verdict:
    """Counts only if the intent is that of the request's payment, with its amount and currency."""
    verdict = _judge(request, intent)
    return verdict if isinstance(verdict, Verdict) else counted(request, _about(request, intent), verdict)


def _judge(request: PaymentRequest, intent: Object) -> Outcome | Verdict:
    match request.operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            return _authorization(intent)
        case Operation.CAPTURE:
            return _capture(intent)
        case Operation.VOID:
            return _void(intent)
        case Operation.REFUND:
            return NOT_DONE


def _authorization(intent: Object) -> Outcome | Verdict:
    match intent["status"]:
        case "requires_capture":
            return Done(
                intent["id"],
                _amount(intent, "amount_capturable") or 0,
                capture_before=_capture_before(intent),
                instrument=_instrument(intent),
            )
        case "succeeded":
            received = _amount(intent, "amount_received") or 0
            return Done(intent["id"], received, captured=True, instrument=_instrument(intent))
        case "requires_action":
            return action_of(intent)
        case "processing":
            return ActionNeeded(intent["id"], kind="wait")
        case "requires_confirmation":
            return CONFIRM
        case "requires_payment_method":
            return declined_by(intent.get("last_payment_error") or {})
        case "canceled":
            return Declined("PAYMENT_DECLINED", "The payment was cancelled at the provider.")
        case status:
            return _strange(status)


def _capture(intent: Object) -> Outcome | Verdict:
    match intent["status"]:
        case "requires_capture":
            return NOT_DONE
        case "succeeded":
            return Done(intent["id"], _amount(intent, "amount_received") or 0)
        case "processing":
            return ActionNeeded(intent["id"], kind="wait")
        case "canceled":
            return capture_failed("AUTHORIZATION_EXPIRED")
        case "requires_payment_method":
            return capture_failed("the authorization does not stand")
        case status:
            return _strange(status)


def _void(intent: Object) -> Outcome | Verdict:
    match intent["status"]:
        case "canceled":
            return Done(intent["id"], _let_go(intent))
        case "succeeded":
            return Declined(ALREADY_CAPTURED, "The payment is captured already.")
        case "requires_capture" | "requires_action" | "requires_confirmation" | "requires_payment_method":
            return NOT_DONE
        case status:
            return _strange(status)


def _strange(status: object) -> Unknown:
    return Unknown(f"The provider's PaymentIntent is {status}.")


def _about(request: PaymentRequest, intent: Object) -> About:
    """The key stands in the intent that an authorization has made; later operations name the intent."""
    tags = intent.get("metadata") or {}
    status = intent["status"]
    held = {"requires_capture": "amount_capturable", "succeeded": "amount_received"}.get(status, "amount")
    key = tags.get("feira_key") or "" if request.operation is Operation.AUTHORIZE else None
    return About(key, tags.get("feira_payment") or "", _amount(intent, held), intent.get("currency"))


def _amount(intent: Object, name: str) -> int | None:
    """A server without these amounts has the whole one."""
    return from_stripe(intent.get(name, intent.get("amount")), intent.get("currency"))


def _let_go(intent: Object) -> int:
    """What the authorization held until it was cancelled."""
    charge = intent.get("latest_charge")
    if not isinstance(charge, Mapping) or charge.get("status") != "succeeded":
        return 0
    return from_stripe(charge.get("amount"), intent.get("currency")) or 0


def _card(intent: Object) -> Object:
    charge = intent.get("latest_charge")
    details = charge.get("payment_method_details") if isinstance(charge, Mapping) else None
    return (details or {}).get("card") or {}


def _capture_before(intent: Object) -> datetime:
    until = _card(intent).get("capture_before")
    if until:
        return datetime.fromtimestamp(until, UTC)
    return datetime.fromtimestamp(intent["created"], UTC) + HOLD_LASTS


def _instrument(intent: Object) -> Instrument | None:
    card = _card(intent)
    return instrument_of(card) if card else None


def instrument_of(card: Object) -> Instrument:
    return Instrument(card.get("fingerprint"), card.get("brand"), card.get("last4"), card.get("country"))
