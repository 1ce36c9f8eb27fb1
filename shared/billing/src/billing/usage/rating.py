"""What usage costs: exact sums of minor units, rounded once for a line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from billing.proration import Share
from pricing.rounding import Mode, divide

MOST_TIERS = 20


class Model(StrEnum):
    """``GRADUATED``: each tier prices the units in it. ``VOLUME``: the tier of the last unit prices all."""

    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to ``up_to``, this one included; None in the last tier. The price is in minor units."""

    up_to: int | None
    unit_amount: Fraction


@dataclass(frozen=True, slots=True)
class MeterPrice:
    """
    What a meter's units cost in one currency.

    A price by the unit is one tier without end. A package has a ``size`` and one ``amount``, and counts when
    it is begun. Raises ``ValueError`` for tiers that leave out a unit or price one twice.
    """

    model: Model
    tiers: tuple[Tier, ...] = ()
    size: int = 1
    amount: int = 0

    def __post_init__(self) -> None:
        if self.model is Model.PACKAGE:
            if self.size < 1 or self.amount < 0:
                raise ValueError("a package has units and a price")
            return
        limits = [it.up_to for it in self.tiers]
        most = 1 if self.model is Model.PER_UNIT else MOST_TIERS
        if not 1 <= len(limits) <= most or limits[-1] is not None or None in limits[:-1]:
            raise ValueError(f"1 to {most} tiers, and the last one has no end")
        ends = [it for it in limits if it is not None]
        if any(it.unit_amount < 0 for it in self.tiers) or sorted({0, *ends}) != [0, *ends]:
            raise ValueError("tiers ascend, and no price is negative")

    def exact(self, billable: Fraction) -> Fraction:
        """Minor units, not rounded."""
        match self.model:
            case Model.PACKAGE:
                return Fraction(ceil(billable / self.size) * self.amount)
            case Model.VOLUME:
                return billable * self._tier_of(billable).unit_amount
            case Model.PER_UNIT | Model.GRADUATED:
                return self._by_tiers(billable)

    def _tier_of(self, billable: Fraction) -> Tier:
        return next(it for it in self.tiers if it.up_to is None or billable <= it.up_to)

    def _by_tiers(self, billable: Fraction) -> Fraction:
        amount, below = Fraction(), Fraction()
        for tier in self.tiers:
            end = billable if tier.up_to is None else min(billable, Fraction(tier.up_to))
            amount += max(Fraction(), end - below) * tier.unit_amount
            below = max(below, end)
        return amount


@dataclass(frozen=True, slots=True)
class Rated:
    """What was used, what of it is charged, and what that costs."""

    aggregate: Fraction
    included: int
    billable: Fraction
    amount: int


def rate(aggregate: Fraction, included: int, price: MeterPrice, mode: Mode) -> Rated:
    billable = max(Fraction(), aggregate - included)
    exact = price.exact(billable)
    return Rated(aggregate, included, billable, divide(exact.numerator, exact.denominator, mode))


def late_amount(rated_again: int, billed: int) -> int:
    """What usage that came after the invoice adds to the next one; below 0 it becomes a credit note."""
    return rated_again - billed


def included_for(included: int, part: Share) -> int:
    """What a part of a period has of the included units, rounded down."""
    return included * part.units // part.of
