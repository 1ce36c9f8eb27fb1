"""Rules for currencies and for showing amounts."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import UnknownCurrency, exponent, is_currency, show


@pytest.mark.parametrize(
    ("currency", "decimals"), [("JPY", 0), ("KRW", 0), ("USD", 2), ("EUR", 2), ("BHD", 3), ("KWD", 3)]
)
def test_a_currency_has_the_decimals_of_its_minor_unit(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize(("currency", "decimals"), [("IQD", 3), ("RSD", 2), ("LBP", 2)])
def test_iso_4217_decides_if_daily_use_has_fewer_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["USD", "EUR", "GBP", "CAD", "AUD", "BRL", "JPY", "KWD"])
def test_currencies_in_use_are_known(code: str) -> None:
    assert is_currency(code)


@pytest.mark.parametrize("code", ["", "usd", "US", "USDT", "XXX", "ABC", "DEM"])
def test_other_codes_are_not_currencies(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(UnknownCurrency):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (123450, "USD", "1,234.50 USD"),
        (5, "USD", "0.05 USD"),
        (-199, "USD", "-1.99 USD"),
        (1500, "JPY", "1,500 JPY"),
        (1500, "KWD", "1.500 KWD"),
        (2**63 - 1, "USD", "92,233,720,368,547,758.07 USD"),
    ],
)
def test_an_amount_is_shown_with_its_decimals_and_code(amount: int, currency: str, shown: str) -> None:
    assert show(amount, currency) == shown


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_amounts_in_english_are_written_as_babel_writes_them(amount: int, currency: str) -> None:
    decimals = exponent(currency)
    major = Decimal(amount).scaleb(-decimals)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    assert show(amount, currency) == f"{format_decimal(major, format=pattern, locale='en_US')} {currency}"


def test_an_amount_is_shown_in_the_format_of_the_locale() -> None:
    assert show(123450, "EUR", "de_DE") == "1.234,50 EUR"
