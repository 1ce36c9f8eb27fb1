"""Postal addresses are checked by the rules of their country, and stay as they were typed."""

from __future__ import annotations

import pytest

from checkout_saga.customers.domain.addresses import faults_in, tidy
from checkout_saga.customers.postal_rules import postal_rules

STREET = {"line1": "1 Main Street"}
US = {**STREET, "city": "Mountain View", "country": "US"}
BR = {**STREET, "city": "sao paulo", "postal_code": "01310-100", "country": "BR"}


def checked(**address: str) -> tuple[dict[str, str], dict[str, str]]:
    """The address as it is stored, and what is wrong with it."""
    rules = postal_rules(address["country"])
    found = tidy(address, rules)
    return found, faults_in(found, rules)


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        ({**US, "region": "CA", "postal_code": "94043"}, {}),
        ({**US, "region": "CA", "postal_code": "74043"}, {"postal_code": "invalid"}),
        ({**US, "region": "CA", "postal_code": "9404"}, {"postal_code": "invalid"}),
        ({**US, "region": "CA", "postal_code": "94043 and more"}, {"postal_code": "invalid"}),
        ({**US}, {"region": "required", "postal_code": "required"}),
        ({**US, "region": "", "postal_code": ""}, {"region": "required", "postal_code": "required"}),
        ({**BR, "region": "XX"}, {"region": "invalid"}),
        ({**BR, "region": "XX", "postal_code": "1"}, {"region": "invalid", "postal_code": "invalid"}),
        ({**BR, "region": "SP"}, {}),
        ({**STREET, "city": "London", "postal_code": "SW1A 1AA", "country": "GB"}, {}),
        (
            {**STREET, "city": "London", "postal_code": "M2 5BQ 1", "country": "GB"},
            {"postal_code": "invalid"},
        ),
        ({**STREET, "region": "Dubai", "country": "AE"}, {}),
        ({**STREET, "city": "Dublin", "postal_code": "anything", "country": "HK"}, {"region": "required"}),
        ({**STREET, "country": "XX"}, {"country": "invalid"}),
        ({**STREET, "country": "ZZ"}, {"country": "invalid"}),
        ({"city": "Lisboa", "postal_code": "1100-053", "country": "PT"}, {"line1": "required"}),
    ],
)
def test_an_address_follows_the_rules_of_its_country(address: dict[str, str], faults: dict[str, str]) -> None:
    assert checked(**address)[1] == faults


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("US", "california", "CA"),
        ("US", "ca", "CA"),
        ("BR", "São Paulo", "SP"),
        ("BR", "SAO PAULO", "SP"),
        ("BR", "Sa\u0303o Paulo", "SP"),
        ("CA", "Québec", "QC"),
        ("ES", "cadiz", "CA"),
        ("JP", "Tokyo", "東京都"),
        ("JP", "東京都", "東京都"),
        ("HK", "九龍", "Kowloon"),
        ("PT", "Estremadura", "Estremadura"),
    ],
)
def test_a_region_is_known_by_its_code_and_its_names_and_stored_as_one_of_them(
    country: str, typed: str, stored: str
) -> None:
    assert checked(country=country, region=typed)[0]["region"] == stored


def test_city_and_street_stay_as_they_were_typed_but_for_the_form_of_their_accents() -> None:
    japan = {
        "city": "Chiyoda-ku",
        "line1": "1-1",
        "region": "Tokyo",
        "postal_code": "100-0001",
        "country": "JP",
    }
    stored, faults = checked(**japan)
    assert (stored["city"], faults) == ("Chiyoda-ku", {})
    stored, faults = checked(**{**BR, "region": "sp", "line1": "Rua Se\u0301", "line2": ""})
    assert stored == {**BR, "region": "SP", "line1": "Rua S\u00e9"}
    assert faults == {}


def test_a_postal_code_is_stored_in_capitals() -> None:
    assert checked(country="GB", postal_code="sw1a 1aa")[0]["postal_code"] == "SW1A 1AA"
