"""Amounts as PayPal writes them: decimal strings, without decimals for the currencies that it treats so.

The currencies and those without decimals are the provider's own list. HUF and TWD have minor units elsewhere,
so an amount of theirs passes only if it is a whole number: nothing is ever rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pricing.money import exponent

CURRENCIES = frozenset(
    {"AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS"}
    | {"JPY", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD"}
)
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
WRITTEN = re.compile(r"\d{1,12}(\.\d{1,3})?")


class NotRepresentable(ValueError):
    """PayPal does not take this amount, or this currency at all."""


def written(amount: int, currency: str) -> str:
    """``amount`` in minor units. Raises ``NotRepresentable``."""
    if currency not in CURRENCIES:
        raise NotRepresentable(f"PayPal does not take {currency}.")
    decimals = exponent(currency)
    value = Decimal(amount).scaleb(-decimals)
    if currency not in WITHOUT_DECIMALS:
        return f"{value:.{decimals}f}"
    if value != value.to_integral_value():
        raise NotRepresentable(f"PayPal takes {currency} without decimals.")
    return f"{value:.0f}"


def minor_units(value: str, currency: str) -> int | None:
    """The amount of a decimal string; None if it is none, or not a whole number of minor units."""
    if not WRITTEN.fullmatch(value.removeprefix("-")):
        return None
    scaled = Decimal(value).scaleb(exponent(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else None
