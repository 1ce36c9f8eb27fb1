"""A tenant's tax rates, in one aggregate: there are few, and they are always read together."""

from decimal import Decimal
from typing import assert_never
from uuid import UUID, uuid5

from contracts import tax_rate as facts
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid

MAX_PERCENT = 100
MAX_DECIMALS = 4
"""Enough for the sum of a state's, a county's and a city's rate, for example 8.3125 percent."""
NAMESPACE = UUID("5d0f3c0e-8a55-4b6e-9d6b-7c3a1f2e4b90")


def tax_rates_id(tenant: str) -> UUID:
    return uuid5(NAMESPACE, tenant)


def check_rate(percent: str) -> None:
    exact = Decimal(percent)
    if not 0 <= exact <= MAX_PERCENT or exact != round(exact, MAX_DECIMALS):
        detail = f"A tax rate is 0 to {MAX_PERCENT} percent with at most {MAX_DECIMALS} decimals."
        raise Invalid(("rate",), detail)


class TaxRates(Aggregate):
    def initialise(self) -> None:
        self.rates: dict[tuple[str, str, str], facts.Set] = {}

    def set(
        self,
        country: str,
        region: str | None,
        tax_category: str | None,
        rate: str,
        *,
        inclusive: bool,
        name: str,
    ) -> facts.Set:
        """Replace the rate of this country, region and category. Records nothing if it does not change."""
        check_rate(rate)
        key = country, region or "", tax_category or ""
        current = self.rates.get(key)
        if current is None or (current.rate, current.inclusive, current.name) != (rate, inclusive, name):
            self.record(
                facts.Set(
                    country=country,
                    region=region,
                    tax_category=tax_category,
                    rate=rate,
                    inclusive=inclusive,
                    name=name,
                )
            )
        return self.rates[key]

    def evolve(self, fact: facts.TaxRateFact) -> None:
        match fact:
            case facts.Set(country=country, region=region, tax_category=tax_category):
                self.rates[country, region or "", tax_category or ""] = fact
            case _:
                assert_never(fact)
