"""The HTTP statuses of this service's refusals, by code; all other codes have the kernel's defaults."""

from __future__ import annotations

from types import MappingProxyType

from contracts.lock_refusals import LOCK_REFUSALS
from kernel.http.statuses import UNPROCESSABLE, Statuses

STATUSES: Statuses = MappingProxyType(
    {
        "INVALID_EMAIL": UNPROCESSABLE,
        "PAYMENT_METHOD_NOT_AVAILABLE": UNPROCESSABLE,
        **{code: it.status for code, it in LOCK_REFUSALS.items()},
    }
)
