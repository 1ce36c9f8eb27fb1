"""Currencies, their decimals, and amounts as text."""

from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global
from babel.numbers import format_decimal, get_currency_precision

# Babel has the decimals in daily use (CLDR). ISO 4217, which the interfaces follow, has more for these.
ISO_EXPONENTS = {"IQD": 3} | dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
)


class UnknownCurrency(ValueError):
    """The code is not that of a currency in use."""


@cache
def currencies() -> frozenset[str]:
    """Codes of the currencies that are legal tender somewhere today."""
    return frozenset(
        code
        for periods in get_global("territory_currencies").values()
        for code, _, end, tender in periods
        if tender and end is None
    )


def is_currency(code: str) -> bool:
    return code in currencies()


@cache
def exponent(currency: str) -> int:
    """The number of decimals of the minor unit: JPY 0, USD 2, KWD 3. Raises ``UnknownCurrency``."""
    if not is_currency(currency):
        raise UnknownCurrency(currency)
    return _decimals(currency)


def minor_units(hundredths: int, currency: str) -> Fraction:
    """Hundredths of the major unit as minor units: 10,000,000 hundredths are 100,000 in JPY, 10,000,000 in
    USD, 100,000,000 in KWD. Works for former currencies too, which old carts may have."""
    return Fraction(hundredths * 10 ** _decimals(currency), 100)


def _decimals(currency: str) -> int:
    return ISO_EXPONENTS.get(currency, get_currency_precision(currency))


def show(amount: int, currency: str, locale: str = "en_US") -> str:
    """The amount as text: 123450 and USD give "1,234.50 USD"."""
    decimals = exponent(currency)
    major = Decimal(amount).scaleb(-decimals)
    if locale == "en_US":
        # a page has hundreds of amounts, and Babel reads the pattern anew for each
        return f"{major:,.{decimals}f} {currency}"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"{format_decimal(major, format=pattern, locale=locale)} {currency}"
