"""A tenant's tax rates, together: they are few, and always asked for as a whole."""

from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID, uuid5

from contracts import tax_rate as facts
from kernel.domain import Aggregate
from offer.domain.errors import Invalid

WHOLE = 100
DECIMALS = 4
"""Of a percentage: some places add up a state's, a county's and a city's to 8.3125."""
TENANTS = UUID("5d0f3c0e-8a55-4b6e-9d6b-7c3a1f2e4b90")


def tax_rates_id(tenant: str) -> UUID:
    return uuid5(TENANTS, tenant)


def check_rate(percent: str) -> None:
    exact = Decimal(percent)
    if not 0 <= exact <= WHOLE or exact != round(exact, DECIMALS):
        raise Invalid(("rate",), f"a tax rate is 0 to {WHOLE} percent, with at most {DECIMALS} decimals")


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
        """One rate for a place and kind of goods: a new one takes the place of the old."""
        check_rate(rate)
        place = country, region or "", tax_category or ""
        known = self.rates.get(place)
        if known is None or (known.rate, known.inclusive, known.name) != (rate, inclusive, name):
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
        return self.rates[place]

    def evolve(self, fact: Any) -> None:
        known: facts.TaxRateFact = fact
        match known:
            case facts.Set(country=country, region=region, tax_category=tax_category):
                self.rates[country, region or "", tax_category or ""] = known
            case _:
                assert_never(known)
