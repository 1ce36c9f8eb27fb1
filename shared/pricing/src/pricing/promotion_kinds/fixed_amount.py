"""A fixed amount off, in minor units of the promotion's currency."""

from decimal import Decimal

from pricing.rounding import Mode

FIXED_AMOUNT = "fixed_amount"
MAX_AMOUNT = 10**12


class FixedAmount:
    name = FIXED_AMOUNT
    needs_currency = True

    def check(self, value: Decimal) -> None:
        if not 0 < value <= MAX_AMOUNT or value != int(value):
            raise ValueError("A fixed amount is a whole number of minor units above 0.")

    def value_of(self, value: Decimal) -> int:
        return int(value)

    def amount(self, value: int, basis: int, mode: Mode) -> int:  # noqa: ARG002  # the same for every basis
        return value

    def formula(self, value: int, basis: int, mode: Mode) -> str:  # noqa: ARG002  # the same for every basis
        return f"{value}"
