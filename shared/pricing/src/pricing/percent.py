"""Percentages off, exact to a hundredth of a percent."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing.rounding import Mode, divide, percent_text

HUNDRED_PERCENT = 100_00
RULE = "A percentage is above 0, at most 100, and has at most two decimals."


@dataclass(frozen=True, slots=True)
class Percent:
    """12.5 % is 1250 ``hundredths``."""

    hundredths: int

    def of(self, amount: int, mode: Mode) -> int:
        return divide(amount * self.hundredths, HUNDRED_PERCENT, mode)

    def __str__(self) -> str:
        return percent_text(Fraction(self.hundredths, HUNDRED_PERCENT))


def percent(value: Decimal | int | str) -> Percent:
    """Raises ``ValueError`` for a value that no discount can have."""
    hundredths = Decimal(value) * 100
    if hundredths != int(hundredths) or not 0 < hundredths <= HUNDRED_PERCENT:
        raise ValueError(RULE)
    return Percent(int(hundredths))
