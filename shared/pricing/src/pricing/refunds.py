"""What each refund gives back of a sale, to the cent: by line, and for the shipping.

An order decides by these rules once, when the refund is requested; its facts carry the shares, and readers
add them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.order import RefundedUnits, RefundShare
from contracts.sale import Sale
from pricing.allocation import allocate, allocate_to_units

SHIPPING = None
"""Stands where a line's id would stand."""


def charged(sale: Sale) -> tuple[RefundShare, ...]:
    """All that may ever be given back; the shipping is what was charged besides the lines."""
    lines = [
        RefundShare(line_id=it.line_id, quantity=it.quantity, amount=it.total, tax=it.tax)
        for it in sale.lines
    ]
    amount = max(0, sale.totals.total - sum(it.amount for it in lines))
    tax = min(amount, max(0, sale.totals.tax - sum(it.tax for it in lines)))
    return (*lines, RefundShare(line_id=SHIPPING, amount=amount, tax=tax))


@dataclass(slots=True)
class Left:
    """Of one line, or of the shipping."""

    units: int
    amount: int
    tax: int


class Remainder:
    """What of a sale is neither given back nor on its way back. Always 0 <= tax <= amount, part by part."""

    def __init__(self, of: Iterable[RefundShare]) -> None:
        self._left = {it.line_id: Left(it.quantity, it.amount, it.tax) for it in of}

    @property
    def amount(self) -> int:
        return sum(it.amount for it in self._left.values())

    def of(self, line_id: str | None) -> Left:
        """Nothing, where there is no such line."""
        return self._left.get(line_id) or Left(0, 0, 0)

    def take(self, shares: Iterable[RefundShare]) -> None:
        for it in shares:
            left = self._left.setdefault(it.line_id, Left(0, 0, 0))
            left.units, left.amount, left.tax = (
                left.units - it.quantity,
                left.amount - it.amount,
                left.tax - it.tax,
            )

    def has(self, shares: Iterable[RefundShare]) -> bool:
        """Whether all of it can be taken."""
        rest = Remainder(self.everything())
        rest.take(shares)
        return all(it.units >= 0 and 0 <= it.tax <= it.amount for it in rest._left.values())

    def put_back(self, shares: Iterable[RefundShare]) -> None:
        """What a refund took that has failed for good."""
        self.take(
            RefundShare(line_id=it.line_id, quantity=-it.quantity, amount=-it.amount, tax=-it.tax)
            for it in shares
        )

    def units(self, line_id: str, quantity: int) -> RefundShare:
        """So many units, the dearer ones first: in whatever order they come back, they add up."""
        left = self.of(line_id)
        amount, tax = (sum(allocate_to_units(it, left.units)[:quantity]) for it in (left.amount, left.tax))
        return RefundShare(line_id=line_id, quantity=quantity, amount=amount, tax=tax)

    def whole(self, line_id: str | None) -> RefundShare:
        left = self.of(line_id)
        return RefundShare(line_id=line_id, quantity=left.units, amount=left.amount, tax=left.tax)

    def part(self, line_id: str | None, amount: int) -> RefundShare:
        """An amount without units, with its part of the tax, rounded half up."""
        left = self.of(line_id)
        tax = (2 * left.tax * amount + left.amount) // (2 * left.amount) if left.amount else 0
        return RefundShare(line_id=line_id, amount=amount, tax=tax)

    def shared(self, amount: int) -> tuple[RefundShare, ...]:
        """An amount of the whole sale, over all that is left by largest remainder, the shipping last."""
        weights = {(it is SHIPPING, it or ""): left.amount for it, left in self._left.items()}
        parts = allocate(amount, weights)
        return tuple(
            self.part(SHIPPING if shipping else line_id, part)
            for (shipping, line_id), part in parts.items()
            if part
        )

    def everything(self) -> tuple[RefundShare, ...]:
        shares = map(self.whole, self._left)
        return tuple(it for it in shares if it.quantity or it.amount)

    def untold(self, amount: int, units: Sequence[RefundedUnits] = ()) -> tuple[RefundShare, ...]:
        """Of a fact from before allocations were recorded: its units as far as they go, the rest shared."""
        rest = Remainder(self.everything())
        of_units = tuple(
            self.units(it.line_id, it.quantity)
            for it in units
            if 0 < it.quantity <= self.of(it.line_id).units
        )
        over = amount - sum(it.amount for it in of_units)
        if over < 0:
            return rest.shared(amount)
        rest.take(of_units)
        return of_units + (rest.shared(min(over, rest.amount)) if over else ())
