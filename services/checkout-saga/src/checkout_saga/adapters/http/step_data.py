"""What came of a step, as callers see it: amounts are money objects there as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkout_saga.domain.checkout import Checkout

NOT_TOLD = frozenset({"sale"})
"""Stands in the cart and in the order already."""
TOTALS = "totals"


def shown_data(data: Mapping[str, Any], checkout: Checkout) -> dict[str, Any]:
    told = {name: it for name, it in data.items() if name not in NOT_TOLD}
    if TOTALS in told and checkout.sale:
        currency = checkout.sale.currency
        told[TOTALS] = {
            name: {"amount": amount, "currency": currency} for name, amount in told[TOTALS].items()
        }
    return told
