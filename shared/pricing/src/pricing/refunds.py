"""The share of each line, and of the shipping, in a refund. Amounts are minor units.

An order applies these rules once, when a refund is requested, and records the shares in the fact. Readers of
the fact add the shares up and compute nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.order import Breakdown, RefundShare
from contracts.sale import Sale
from pricing.allocation import allocate, allocate_to_units

SHIPPING = None
"""Takes the place of a line id."""


def charged(sale: Sale) -> tuple[RefundShare, ...]:
    """All that can be refunded; the shipping is what was charged in addition to the lines."""
    lines = [
        RefundShare(line_id=line.line_id, quantity=line.quantity, amount=line.total, tax=line.tax)
        for line in sale.lines
    ]
    amount = max(0, sale.totals.total - sum(line.amount for line in lines))
    tax = min(amount, max(0, sale.totals.tax - sum(line.tax for line in lines)))
    return (*lines, RefundShare(line_id=SHIPPING, amount=amount, tax=tax))


def breakdown(shares: Iterable[RefundShare]) -> Breakdown:
    """The net amounts of the lines and of the shipping, and the tax of all."""
    items = shipping = tax = 0
    for share in shares:
        net = share.amount - share.tax
        items, shipping = (items, shipping + net) if share.line_id is SHIPPING else (items + net, shipping)
        tax += share.tax
    return Breakdown(items=items, shipping=shipping, tax=tax)


@dataclass(slots=True)
class Balance:
    """What can still be refunded of one line or of the shipping; ``amount`` includes ``tax``."""

    units: int
    amount: int
    tax: int


class Remainder:
    """What of a sale is neither refunded nor requested, by line. In each balance 0 <= tax <= amount."""

    def __init__(self, shares: Iterable[RefundShare]) -> None:
        self._balances = {share.line_id: Balance(share.quantity, share.amount, share.tax) for share in shares}

    @property
    def amount(self) -> int:
        return sum(balance.amount for balance in self._balances.values())

    def balance_of(self, line_id: str | None) -> Balance:
        """All zero if there is no such line."""
        return self._balances.get(line_id) or Balance(0, 0, 0)

    def deduct(self, shares: Iterable[RefundShare]) -> None:
        for share in shares:
            balance = self._balances.setdefault(share.line_id, Balance(0, 0, 0))
            balance.units -= share.quantity
            balance.amount -= share.amount
            balance.tax -= share.tax

    def covers(self, shares: Iterable[RefundShare]) -> bool:
        """Whether all the shares can be deducted."""
        rest = self.without(shares)._balances.values()
        return all(it.units >= 0 and 0 <= it.tax <= it.amount for it in rest)

    def without(self, shares: Iterable[RefundShare]) -> Remainder:
        """A copy with the shares deducted."""
        rest = Remainder(self.all_shares())
        rest.deduct(shares)
        return rest

    def restore(self, shares: Iterable[RefundShare]) -> None:
        """Undo ``deduct`` for a refund that has failed for good."""
        self.deduct(
            RefundShare(line_id=it.line_id, quantity=-it.quantity, amount=-it.amount, tax=-it.tax)
            for it in shares
        )

    def share_of_units(self, line_id: str, quantity: int) -> RefundShare:
        """Some units of a line. Dearer units come first, so the shares of all units add up to the line."""
        balance = self.balance_of(line_id)
        amount, tax = (
            sum(allocate_to_units(total, balance.units)[:quantity]) for total in (balance.amount, balance.tax)
        )
        return RefundShare(line_id=line_id, quantity=quantity, amount=amount, tax=tax)

    def share_of_line(self, line_id: str | None) -> RefundShare:
        """The whole balance of a line or of the shipping."""
        balance = self.balance_of(line_id)
        return RefundShare(line_id=line_id, quantity=balance.units, amount=balance.amount, tax=balance.tax)

    def share_of_amount(self, line_id: str | None, amount: int) -> RefundShare:
        """An amount without units, with the tax in proportion, rounded half up."""
        balance = self.balance_of(line_id)
        tax = (2 * balance.tax * amount + balance.amount) // (2 * balance.amount) if balance.amount else 0
        return RefundShare(line_id=line_id, amount=amount, tax=tax)

    def spread(self, amount: int) -> tuple[RefundShare, ...]:
        """Split an amount of the whole sale over all balances by largest remainder, the shipping last."""
        weights = {
            (line_id is SHIPPING, line_id or ""): balance.amount
            for line_id, balance in self._balances.items()
        }
        parts = allocate(amount, weights)
        return tuple(
            self.share_of_amount(SHIPPING if is_shipping else line_id, part)
            for (is_shipping, line_id), part in parts.items()
            if part
        )

    def all_shares(self) -> tuple[RefundShare, ...]:
        shares = map(self.share_of_line, self._balances)
        return tuple(share for share in shares if share.quantity or share.amount)
