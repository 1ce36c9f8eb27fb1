"""Which tax is due on a line, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing.allocation import allocate
from pricing.basket import Basket
from pricing.rounding import Level, Mode, Rounding, divide


@dataclass(frozen=True, slots=True)
class Destination:
    country: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate as an exact fraction (19 % is 19/100); `inclusive` says that prices already contain it."""

    country: str
    rate: Fraction
    name: str
    inclusive: bool = False
    region: str | None = None
    tax_category: str | None = None

    @property
    def group(self) -> tuple[str, Fraction, bool]:
        """Lines with the same group stand under one tax on an invoice, whatever their categories."""
        return self.name, self.rate, self.inclusive


@dataclass(frozen=True, slots=True)
class TaxTable:
    """All rates that are known, and where the goods go; without a destination no tax is due."""

    rates: tuple[TaxRate, ...] = ()
    destination: Destination | None = None


def rate_from_percent(percent: Decimal | int | str) -> Fraction:
    """The exact rate from what people write: "8.875" becomes 71/800."""
    return Fraction(percent) / 100


def rates_of_lines(basket: Basket, table: TaxTable) -> dict[str, TaxRate | None]:
    """
    The rate of each line.

    The place comes before the goods: a region's own rates are looked at before its country's, and within
    either the line's category before the general rate.
    """
    if table.destination is None:
        return {line.line_id: None for line in basket.lines}
    by_category: dict[str | None, TaxRate] = {}
    for rate in sorted(_in_force(table.rates, table.destination), key=_most_specific_first):
        by_category.setdefault(rate.tax_category, rate)
    return {line.line_id: _rate_for(line.tax_category, by_category) for line in basket.lines}


def tax_of_lines(
    taxable: Mapping[str, int], rates: Mapping[str, TaxRate | None], rounding: Rounding
) -> dict[str, int]:
    """The tax of each line on what is left of it after discounts."""
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
    """The tax in an amount or on top of it; only one side is rounded, the other is the difference."""
    if rate is None:
        return 0
    part, whole = rate.rate.numerator, rate.rate.denominator
    if rate.inclusive:
        return amount - divide(amount * whole, whole + part, mode)
    return divide(amount * part, whole, mode)


def _in_force(rates: tuple[TaxRate, ...], destination: Destination) -> list[TaxRate]:
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
