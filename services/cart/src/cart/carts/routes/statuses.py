"""The HTTP statuses of this service's refusals, by code; the kernel's defaults hold for all others."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from kernel.http import openapi
from kernel.http.statuses import UNPROCESSABLE, Statuses

STATUSES: Statuses = MappingProxyType(
    {
        "CURRENCY_NOT_PRICED": UNPROCESSABLE,
        "EMPTY_CART": UNPROCESSABLE,
        "INVALID_DISCOUNT_CODE": UNPROCESSABLE,
        "INVALID_QUANTITY": UNPROCESSABLE,
        "MAX_CART_ITEMS_EXCEEDED": UNPROCESSABLE,
        "MAX_ITEM_QUANTITY_EXCEEDED": UNPROCESSABLE,
        "MAX_ORDER_AMOUNT_EXCEEDED": UNPROCESSABLE,
        "MIN_ORDER_AMOUNT_NOT_MET": UNPROCESSABLE,
    }
)

refusals = partial(openapi.refusals, statuses=STATUSES)
