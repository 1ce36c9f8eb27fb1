"""The codes under which the shop records Stripe's refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_saga.payments.domain.operation import Declined, Operation


def declined_by(error: Mapping[str, Any]) -> Declined:
    """The card's bank has declined, or there was nothing to charge."""
    code = error.get("decline_code") or error.get("code") or "no payment method"
    ours = "INSUFFICIENT_FUNDS" if code == "insufficient_funds" else "PAYMENT_DECLINED"
    return Declined(ours, f"The provider declined the payment: {code}.")


def capture_failed(why: str) -> Declined:
    return Declined("CAPTURE_FAILED", f"The provider refused to capture: {why}.")


def refused(operation: Operation, code: str | None) -> Declined:
    """The provider did not accept the request, and nothing was done."""
    why = code or "invalid request"
    match operation:
        case Operation.AUTHORIZE | Operation.CONFIRM:
            return Declined("PAYMENT_DECLINED", f"The provider did not accept the payment: {why}.")
        case Operation.CAPTURE:
            return capture_failed(why)
        case Operation.VOID | Operation.REFUND:
            return Declined("REFUSED", f"The provider refused to {operation}: {why}.")
