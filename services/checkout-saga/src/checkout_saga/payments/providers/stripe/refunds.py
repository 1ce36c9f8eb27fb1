"""What the state of a refund means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_saga.payments.domain.answers import About, counted
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers.stripe.amounts import from_stripe

NOT_SUPPORTED = Declined("REFUND_NOT_SUPPORTED", "The provider refunds no boleto.")
EXCEEDS = Declined("REFUND_EXCEEDS_CAPTURE", "The provider has less of this payment than is to be refunded.")


def judged_refund(request: PaymentRequest, refund: Mapping[str, Any]) -> Outcome:
    """Counts only if it is this request's, by its key, payment, amount and currency."""
    tags, currency = refund.get("metadata") or {}, refund.get("currency")
    amount = from_stripe(refund.get("amount"), currency)
    about = About(tags.get("feira_key") or "", tags.get("feira_payment") or "", amount, currency)
    return counted(request, about, _judge(refund, amount or 0))


def _judge(refund: Mapping[str, Any], amount: int) -> Outcome:
    match refund.get("status"):
        case "succeeded":
            return Done(refund["id"], amount)
        case "pending":
            return ActionNeeded(refund["id"], kind="wait")
        case "requires_action":
            return Declined("REFUND_NEEDS_ACTION", "The customer has to say where the money goes.")
        case "failed" | "canceled" as status:
            why = refund.get("failure_reason") or status
            return Declined("REFUSED", f"The provider did not refund: {why}.")
        case status:
            return Unknown(f"The provider's refund is {status}.")
