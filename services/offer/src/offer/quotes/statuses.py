"""The HTTP statuses of refusals, by code, where they differ from the kernel's defaults."""

from __future__ import annotations

from types import MappingProxyType

from kernel.http.statuses import UNPROCESSABLE, Statuses

STATUSES: Statuses = MappingProxyType(
    {
        "CURRENCY_NOT_PRICED": UNPROCESSABLE,
        "DUPLICATE_KEY": UNPROCESSABLE,
        "INVALID_QUANTITY": UNPROCESSABLE,
        "MAX_ITEM_QUANTITY_EXCEEDED": UNPROCESSABLE,
        "PLAN_PRICE_DIFFERS": UNPROCESSABLE,
        "SHIPPING_ADDRESS_REQUIRED": UNPROCESSABLE,
        "SHIPPING_OPTION_NOT_AVAILABLE": UNPROCESSABLE,
    }
)
