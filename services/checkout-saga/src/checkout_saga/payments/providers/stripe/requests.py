"""What is sent to Stripe for each operation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from checkout_saga.payments.domain.operation import PaymentRequest
from checkout_saga.payments.providers.stripe.amounts import to_stripe

Params = dict[str, Any]
EXPANDED = ["latest_charge"]


def metadata_of(request: PaymentRequest, key: str) -> dict[str, str]:
    """By which what the provider has made is found again."""
    return {
        "feira_tenant": request.merchant,
        "feira_checkout": str(request.checkout_id),
        "feira_payment": str(request.payment_id),
        "feira_key": key,
    }


def new_intent(
    request: PaymentRequest, token: str | None, billing: Mapping[str, Any] | None, now: datetime
) -> Params:
    """Created and confirmed at once. Raises ``AmountNotPossible``. ``billing``: name, e-mail, tax id and
    address, for methods that need them."""
    params = _money(request) | {
        "payment_method_types": [request.method],
        "confirm": True,
        "metadata": metadata_of(request, request.key),
        "expand": EXPANDED,
    }
    match request.method:
        case "pix":
            params |= {"payment_method_data": {"type": "pix"}}
            if request.expires_at:
                expires = int(request.expires_at.timestamp())
                params["payment_method_options"] = {"pix": {"expires_at": expires}}
        case "boleto":
            params |= {"payment_method_data": _boleto(billing or {})}
            if request.expires_at:
                days = max(0, (request.expires_at.date() - now.date()).days)
                params["payment_method_options"] = {"boleto": {"expires_after_days": days}}
        case _:
            params |= {"payment_method": token, "capture_method": "manual"}
            if request.instalments:
                params["payment_method_options"] = {"card": {"installments": dict(request.instalments)}}
    if request.off_session:
        params["off_session"] = True
    if request.save:
        params["setup_future_usage"] = "off_session"
    if request.return_url:
        params["return_url"] = request.return_url
    return params


def tombstone(request: PaymentRequest, authorize_key: str) -> Params:
    """An intent that is never confirmed: under the key of an authorization of which nothing is known it
    stands in that one's place, so that it cannot happen any more."""
    return _money(request) | {
        "payment_method_types": [request.method],
        "metadata": metadata_of(request, authorize_key),
    }


def capture(request: PaymentRequest) -> Params:
    return {"amount_to_capture": to_stripe(request.amount, request.currency), "expand": EXPANDED}


def refund(request: PaymentRequest, intent_id: str) -> Params:
    amount = to_stripe(request.amount, request.currency)
    return {
        "payment_intent": intent_id,
        "amount": amount,
        "metadata": metadata_of(request, request.key),
    }


def _money(request: PaymentRequest) -> Params:
    amount = to_stripe(request.amount, request.currency)
    return {"amount": amount, "currency": request.currency.lower()}


def _boleto(billing: Mapping[str, Any]) -> Params:
    return {
        "type": "boleto",
        "boleto": {"tax_id": billing.get("tax_id")},
        "billing_details": {it: billing[it] for it in ("name", "email", "address") if billing.get(it)},
    }
