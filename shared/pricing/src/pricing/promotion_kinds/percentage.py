"""A percentage off. The whole number is in hundredths of a percent: 12.5 % is 1250."""

from decimal import Decimal
from fractions import Fraction

from pricing.rounding import Mode, divide, percent_text

PERCENTAGE = "percentage"
HUNDRED_PERCENT = 100_00
RULE = "A percentage is above 0, at most 100, and has at most two decimals."


class Percentage:
    name = PERCENTAGE
    needs_currency = False

    def check(self, value: Decimal) -> None:
        hundredths_of_percent(value)

    def value_of(self, value: Decimal) -> int:
        return hundredths_of_percent(value)

    def amount(self, value: int, basis: int, mode: Mode) -> int:
        return divide(basis * value, HUNDRED_PERCENT, mode)

    def formula(self, value: int, basis: int, mode: Mode) -> str:
        return f"{percent_text(Fraction(value, HUNDRED_PERCENT))} of {basis}, rounded {mode}"


def hundredths_of_percent(percent: Decimal | int) -> int:
    """12.5 becomes 1250. Raises ``ValueError``."""
    hundredths = Decimal(percent) * 100
    if hundredths != int(hundredths) or not 0 < hundredths <= HUNDRED_PERCENT:
        raise ValueError(RULE)
    return int(hundredths)
