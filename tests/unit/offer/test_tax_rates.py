"""Tax rates: one for each country, region and category."""

from dataclasses import replace

import pytest

from contracts import tax_rate as facts
from offer.catalogue.domain.errors import Invalid
from offer.tax_rates.domain import tax_rates_id
from offer.tax_rates.use_cases import SetTaxRate, set_tax_rate
from tests.support.scenario import given, stamp

VAT = SetTaxRate("DE", None, None, "19", inclusive=True, name="MwSt")


def rate(tenant: str = "demo", value: str = "19") -> facts.Set:
    return facts.Set(**stamp(tax_rates_id(tenant)), country="DE", rate=value, inclusive=True, name="MwSt")


def test_a_rate_is_set_once() -> None:
    given().when(set_tax_rate, VAT).then(rate()).when(set_tax_rate, VAT).then_nothing()


def test_a_new_rate_replaces_the_old() -> None:
    scenario = given(rate()).when(set_tax_rate, replace(VAT, rate="16")).then(rate(value="16"))
    scenario.when(set_tax_rate, replace(VAT, rate="16")).then_nothing()


def test_a_category_s_rate_does_not_replace_the_general_one() -> None:
    books = replace(VAT, tax_category="books", rate="7")
    given(rate()).when(set_tax_rate, books).when(set_tax_rate, VAT).then_nothing()


def test_every_tenant_has_rates_of_its_own() -> None:
    given(rate()).for_tenant("rival").when(set_tax_rate, VAT).then(rate("rival"))


@pytest.mark.parametrize("value", ["0", "8.875", "8.3125", "100"])
def test_a_rate_is_0_to_100_percent_with_at_most_four_decimals(value: str) -> None:
    given().when(set_tax_rate, replace(VAT, rate=value)).then(rate(value=value))


@pytest.mark.parametrize("value", ["99.999999999", "100.0001", "8.31255", "1000000000000"])
def test_a_rate_out_of_range_or_with_too_many_decimals_is_refused(value: str) -> None:
    given().when(set_tax_rate, replace(VAT, rate=value)).then_refused(Invalid)
