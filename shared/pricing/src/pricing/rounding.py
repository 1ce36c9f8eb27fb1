"""Rounding of exact quotients to minor units."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Mode(StrEnum):
    """How exactly half a minor unit is rounded."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class Level(StrEnum):
    """Whether tax is rounded per line, or once for all lines of a rate."""

    LINE = "line"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Rounding:
    """A rounding policy. It is stored with every result, so that the result can be computed again."""

    mode: Mode = Mode.HALF_UP
    level: Level = Level.LINE


def divide(numerator: int, denominator: int, mode: Mode) -> int:
    """The quotient of two non-negative numbers, rounded to a whole number."""
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"cannot round {numerator} / {denominator}")
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator:
        return quotient + 1
    if 2 * rest == denominator and (mode is Mode.HALF_UP or quotient % 2):
        return quotient + 1
    return quotient


def percent_of(amount: int, percent: Decimal | str, mode: Mode) -> int:
    """A percentage of an amount, rounded; the percentage is exact."""
    rate = Fraction(percent) / 100
    return divide(amount * rate.numerator, rate.denominator, mode)


def percent_text(rate: Fraction) -> str:
    """A rate as it is read by people: 1/8 is "12.5 %"."""
    percent = rate * 100
    return f"{Decimal(percent.numerator) / percent.denominator:f} %"
