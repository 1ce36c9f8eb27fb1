"""The HTTP statuses of this service's refusals, by code; the kernel's defaults hold for all others."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from kernel.http import openapi
from kernel.http.statuses import Statuses

UNPROCESSABLE = 422

STATUSES: Statuses = MappingProxyType(
    {
        "EMPTY_CART": UNPROCESSABLE,
        "INVALID_DISCOUNT_CODE": UNPROCESSABLE,
        "INVALID_EMAIL": UNPROCESSABLE,
        "MAX_ORDER_AMOUNT_EXCEEDED": UNPROCESSABLE,
        "MIN_ORDER_AMOUNT_NOT_MET": UNPROCESSABLE,
        "PAYMENT_METHOD_NOT_AVAILABLE": UNPROCESSABLE,
    }
)

refusals = partial(openapi.refusals, statuses=STATUSES)
