"""The HTTP statuses of this service's refusals, by code; the kernel's defaults hold for all others."""

from __future__ import annotations

from types import MappingProxyType

from contracts.lock_refusals import LOCK_REFUSALS
from kernel.http.statuses import UNPROCESSABLE, Statuses

STATUSES: Statuses = MappingProxyType(
    {
        **{code: it.status for code, it in LOCK_REFUSALS.items()},
        "CURRENCY_NOT_PRICED": UNPROCESSABLE,
        "INVALID_QUANTITY": UNPROCESSABLE,
        "MAX_CART_ITEMS_EXCEEDED": UNPROCESSABLE,
        "MAX_DISCOUNT_CODES_EXCEEDED": UNPROCESSABLE,
        "MAX_ITEM_QUANTITY_EXCEEDED": UNPROCESSABLE,
    }
)
