"""The single units of lines, for kinds that choose among them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pricing.basket import Line
from pricing.promotion_kinds.kind import Basis


class Units(NamedTuple):
    """Units of one line with the same amount."""

    amount: int
    line: Line
    quantity: int


def units_of(basis: Basis) -> list[Units]:
    """What is left of each line, split over its units; they differ by at most 1. Units with nothing left do
    not count. Dearest first, then by line id."""
    found: list[Units] = []
    for line in basis.lines:
        amount, dearer = divmod(basis.left[line.line_id], line.quantity)
        if dearer:
            found.append(Units(amount + 1, line, dearer))
        if amount:
            found.append(Units(amount, line, line.quantity - dearer))
    return sorted(found, key=lambda it: (-it.amount, it.line.line_id))


def amounts_by_line(taken: Iterable[Units]) -> Mapping[str, int]:
    amounts: Counter[str] = Counter()
    for amount, line, quantity in taken:
        amounts[line.line_id] += amount * quantity
    return amounts
