"""Amounts as the provider writes them: a currency code and a decimal string."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from simulators.paypal.errors import Refusal

CURRENCIES = frozenset(
    {"AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS"}
    | {"JPY", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD"}
)
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
FEE = Decimal("0.0349")


class Amount(NamedTuple):
    currency: str
    value: Decimal

    def shown(self) -> dict[str, str]:
        return {"currency_code": self.currency, "value": text(self.currency, self.value)}


def amount_of(body: Any) -> Amount:
    """Raises ``Refusal`` for what the provider does not accept."""
    if not isinstance(body, dict) or not isinstance(body.get("value"), str):
        raise Refusal("MISSING_REQUIRED_PARAMETER", 400)
    currency, value = body.get("currency_code"), body["value"]
    if currency not in CURRENCIES:
        raise Refusal("CURRENCY_NOT_SUPPORTED")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", value):
        raise Refusal("INVALID_PARAMETER_SYNTAX", 400)
    if currency in WITHOUT_DECIMALS and "." in value:
        raise Refusal("DECIMALS_NOT_SUPPORTED")
    if Decimal(value) == 0:
        raise Refusal("CANNOT_BE_ZERO_OR_NEGATIVE")
    return Amount(currency, Decimal(value))


def text(currency: str, value: Decimal) -> str:
    return str(value.quantize(Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")))


def fee_of(amount: Amount) -> Decimal:
    """What the provider keeps of a capture."""
    return Decimal(text(amount.currency, amount.value * FEE))
