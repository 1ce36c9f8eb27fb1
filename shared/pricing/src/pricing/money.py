"""Which currencies there are, how many decimals each has, and how an amount is shown to people."""

from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global
from babel.numbers import format_decimal, get_currency_precision

# CLDR, and so Babel, gives the decimals in daily use; for these ISO 4217 has more, and ISO is our contract.
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
    """How many decimals the minor unit stands for: JPY 0, USD 2, KWD 3."""
    if not is_currency(currency):
        raise UnknownCurrency(currency)
    return _decimals(currency)


def minor_units(hundredths: int, currency: str) -> Fraction:
    """An amount that is meant alike for every currency, as minor units of this one: 10,000,000 hundredths are
    100,000 JPY, 10,000,000 in USD, 100,000,000 in KWD. Also for what is legal tender no longer: carts may
    still be in it."""
    return Fraction(hundredths * 10 ** _decimals(currency), 100)


def _decimals(currency: str) -> int:
    return ISO_EXPONENTS.get(currency, get_currency_precision(currency))


def show(amount: int, currency: str, locale: str = "en_US") -> str:
    """An amount for people: 123450 and USD make "1,234.50 USD"."""
    decimals = exponent(currency)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    exact = Decimal(amount).scaleb(-decimals)
    return f"{format_decimal(exact, format=pattern, locale=locale)} {currency}"
