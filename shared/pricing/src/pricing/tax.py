"""The tax rate and the tax of each line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing.allocation import allocate
from pricing.basket import SHIPPING, Basket
from pricing.rounding import Level, Mode, Rounding, divide


@dataclass(frozen=True, slots=True)
class Destination:
    country: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate as an exact fraction (19 % is 19/100). `inclusive`: prices contain the tax."""

    country: str
    rate: Fraction
    name: str
    inclusive: bool = False
    region: str | None = None
    tax_category: str | None = None

    @property
    def group(self) -> tuple[str, Fraction, bool]:
        """Lines of the same group are one tax on an invoice, also of different categories."""
        return self.name, self.rate, self.inclusive


@dataclass(frozen=True, slots=True)
class TaxTable:
    """All rates of a tenant, and the destination; without one no tax is due."""

    rates: tuple[TaxRate, ...] = ()
    destination: Destination | None = None


def rate_from_percent(percent: Decimal | int | str) -> Fraction:
    """The exact rate: "8.875" becomes 71/800."""
    return Fraction(percent) / 100


def rates_of_lines(basket: Basket, table: TaxTable) -> dict[str, TaxRate | None]:
    """
    The rate of each line, and under ``SHIPPING`` that of the shipping, whose tax category has this name.

    A region's rates take precedence over its country's; within either, the rate of the line's category takes
    precedence over the general rate.
    """
    categories = {line.line_id: line.tax_category for line in basket.lines} | {SHIPPING: SHIPPING}
    if table.destination is None:
        return dict.fromkeys(categories)
    by_category: dict[str | None, TaxRate] = {}
    for rate in sorted(_rates_at(table.rates, table.destination), key=_most_specific_first):
        by_category.setdefault(rate.tax_category, rate)
    return {line_id: _rate_for(category, by_category) for line_id, category in categories.items()}


def tax_of_lines(
    taxable: Mapping[str, int], rates: Mapping[str, TaxRate | None], rounding: Rounding
) -> dict[str, int]:
    """The tax of each line. `taxable`: line id to the amount after discounts."""
    if rounding.level is Level.LINE:
        return {line_id: tax_on(amount, rates[line_id], rounding.mode) for line_id, amount in taxable.items()}
    taxes = dict.fromkeys(taxable, 0)
    groups: dict[tuple[str, Fraction, bool], dict[str, int]] = {}
    for line_id, amount in taxable.items():
        if rate := rates[line_id]:
            groups.setdefault(rate.group, {})[line_id] = amount
    for lines in groups.values():
        rate = rates[next(iter(lines))]
        taxes |= allocate(tax_on(sum(lines.values()), rate, rounding.mode), lines)
    return taxes


def tax_on(amount: int, rate: TaxRate | None, mode: Mode) -> int:
    """The tax in an amount or on top of it. In an amount with tax the net is rounded, the tax is the rest."""
    if rate is None:
        return 0
    numerator, denominator = rate.rate.numerator, rate.rate.denominator
    if rate.inclusive:
        return amount - divide(amount * denominator, denominator + numerator, mode)
    return divide(amount * numerator, denominator, mode)


def _rates_at(rates: tuple[TaxRate, ...], destination: Destination) -> list[TaxRate]:
    return [
        rate
        for rate in rates
        if rate.country == destination.country and rate.region in {None, destination.region}
    ]


def _most_specific_first(rate: TaxRate) -> tuple[bool, str, Fraction, bool]:
    return rate.region is None, rate.name, rate.rate, rate.inclusive


def _rate_for(category: str | None, by_category: Mapping[str | None, TaxRate]) -> TaxRate | None:
    general, special = by_category.get(None), by_category.get(category)
    if special is None or (general is not None and special.region is None and general.region is not None):
        return general
    return special
