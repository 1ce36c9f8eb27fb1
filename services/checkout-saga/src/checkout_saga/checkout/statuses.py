"""The HTTP statuses of this service's refusals, by code; all other codes have the kernel's defaults."""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType

from checkout_saga.checkout.lock_refusals import REFUSALS_AT_LOCK
from kernel.http.statuses import UNPROCESSABLE, Statuses

STATUSES: Statuses = MappingProxyType(
    {
        "INVALID_ADDRESS": UNPROCESSABLE,
        "INVALID_EMAIL": UNPROCESSABLE,
        "INVALID_TAX_ID": UNPROCESSABLE,
        "PAYMENT_CREDENTIALS_REQUIRED": UNPROCESSABLE,
        "PAYMENT_METHOD_NOT_AVAILABLE": UNPROCESSABLE,
        "WEBHOOK_SIGNATURE_INVALID": HTTPStatus.BAD_REQUEST,
        **{code: it.status for code, it in REFUSALS_AT_LOCK.items()},
    }
)
