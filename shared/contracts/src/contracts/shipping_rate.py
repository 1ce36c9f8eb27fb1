"""The facts of a tenant's shipping rates. All rates of a tenant are one stream."""

from uuid import UUID

from contracts.envelope import Fact, Part


class Bracket(Part):
    """``amount`` is charged up to this weight; None, in the last bracket only: any weight."""

    up_to_grams: int | None = None
    amount: int


class ShippingRateDetails(Part):
    """Amounts are in minor units of ``currency``. Empty ``countries``, ``regions`` and ``shipping_classes``
    fit all."""

    name: str
    currency: str
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    shipping_classes: tuple[str, ...] = ()
    brackets: tuple[Bracket, ...]
    free_from: int | None = None
    """The value of goods from which shipping is free."""
    min_days: int | None = None
    max_days: int | None = None
    is_default: bool = False
    """Whether its first bracket is charged when the calculation of shipping fails."""


class Set(Fact):
    TYPE = "shipping_rate.set"
    rate_id: UUID
    details: ShippingRateDetails


class Removed(Fact):
    TYPE = "shipping_rate.removed"
    rate_id: UUID


ShippingRateFact = Set | Removed
