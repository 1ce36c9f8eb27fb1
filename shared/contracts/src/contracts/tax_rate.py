"""The facts of tax rates."""

from contracts.envelope import Fact


class Set(Fact):
    """``rate`` is a percentage as a decimal number; a string, because it is exact."""

    TYPE = "tax_rate.set"
    country: str
    region: str | None = None
    tax_category: str | None = None
    rate: str
    inclusive: bool
    name: str


TaxRateFact = Set
