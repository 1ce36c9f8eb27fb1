"""The bodies of requests to PayPal."""

from __future__ import annotations

from typing import Any

from checkout_saga.payments.domain.operation import PaymentRequest
from checkout_saga.payments.providers.paypal.amounts import written
from checkout_saga.payments.providers.paypal.states import TOMBSTONE

APPROVAL = "paypal"
"""The token of customers who have none: they approve the order on the provider's page."""


def amount(request: PaymentRequest) -> dict[str, str]:
    """Raises ``NotRepresentable``."""
    return {"currency_code": request.currency, "value": written(request.amount, request.currency)}


def order(request: PaymentRequest, token: str) -> dict[str, Any]:
    """``token``: of the provider's vault, or ``APPROVAL``. Raises ``NotRepresentable``."""
    wallet: dict[str, Any] = {}
    if token != APPROVAL:
        wallet["vault_id"] = token
    if request.off_session and token != APPROVAL:
        wallet["stored_credential"] = {"payment_initiator": "MERCHANT", "usage": "SUBSEQUENT"}
    if request.save and token == APPROVAL:
        wallet["attributes"] = {"vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}}
    if request.return_url and token == APPROVAL:
        wallet["experience_context"] = {"return_url": request.return_url, "cancel_url": request.return_url}
    return _order(request, str(request.checkout_id), wallet)


def tombstone(request: PaymentRequest) -> dict[str, Any]:
    """An order that no payer ever sees: it occupies the request id of an authorization that was given up, so
    that a late request for that authorization is refused."""
    return _order(request, TOMBSTONE, {})


def capture(request: PaymentRequest) -> dict[str, Any]:
    """What is not captured of the authorization ends with the capture."""
    return {"amount": amount(request), "final_capture": True}


def refund(request: PaymentRequest) -> dict[str, Any]:
    """The key finds the refund again when its request id has ended."""
    return {"amount": amount(request), "custom_id": request.key}


def _order(request: PaymentRequest, custom_id: str, wallet: dict[str, Any]) -> dict[str, Any]:
    unit = {"amount": amount(request), "invoice_id": str(request.payment_id), "custom_id": custom_id}
    return {"intent": "AUTHORIZE", "purchase_units": [unit], "payment_source": {"paypal": wallet}}
