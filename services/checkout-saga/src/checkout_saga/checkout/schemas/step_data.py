"""A step's data as callers see it: amounts are money objects there as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_saga.checkout.domain.checkout import Checkout

HIDDEN = frozenset({"sale", "refused_requests"})
"""The cart and the order show the sale already; what fraud rules count is not shown."""
TOTALS = "totals"


def show_data(data: Mapping[str, Any], checkout: Checkout) -> dict[str, Any]:
    shown = {name: it for name, it in data.items() if name not in HIDDEN}
    if TOTALS in shown and checkout.sale:
        currency = checkout.sale.currency
        shown[TOTALS] = {
            name: {"amount": amount, "currency": currency} for name, amount in shown[TOTALS].items()
        }
    return shown
