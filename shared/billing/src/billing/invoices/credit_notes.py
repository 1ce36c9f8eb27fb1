"""Credit on an issued line: at the rate that the line bore, and never more tax than it bore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from billing.invoices.invoice import InvoiceLine, is_inclusive
from pricing.rounding import Mode
from pricing.tax import TaxRate, tax_on


class CreditTooLarge(ValueError):
    """Above what the line was charged less what was credited on it before."""


@dataclass(frozen=True, slots=True)
class CreditedLine:
    line_id: str
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Creditable:
    """What of an issued line is not credited yet. ``amount`` contains ``tax`` if the rate is inclusive."""

    line_id: str
    amount: int
    tax: int
    rate: TaxRate | None

    @classmethod
    def of(cls, line: InvoiceLine) -> Creditable:
        return cls(line.item.line_id, line.item.taxable, line.tax, line.item.rate)

    def credit(self, amount: int, mode: Mode) -> tuple[CreditedLine, Creditable]:
        """
        Credit an amount as the line was charged: with the tax if the rate is inclusive, else without.

        The last credit takes what is left of the tax, so all credits of a line add up to it. Raises
        ``CreditTooLarge``.
        """
        if not 0 <= amount <= self.amount:
            raise CreditTooLarge(f"{amount} of {self.amount}")
        tax = self._tax_of(amount, mode)
        net = amount - tax if is_inclusive(self.rate) else amount
        rest = replace(self, amount=self.amount - amount, tax=self.tax - tax)
        return CreditedLine(self.line_id, net, tax), rest

    def _tax_of(self, amount: int, mode: Mode) -> int:
        if amount == self.amount:
            return self.tax
        tax = min(tax_on(amount, self.rate, mode), self.tax)
        if not is_inclusive(self.rate):
            return tax
        # what is left of the line contains what is left of its tax, also after many credits of a cent
        return max(tax, self.tax - (self.amount - amount))


@dataclass(frozen=True, slots=True)
class NoteTotals:
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


def note_totals(lines: Iterable[CreditedLine]) -> NoteTotals:
    kept = tuple(lines)
    return NoteTotals(sum(it.net for it in kept), sum(it.tax for it in kept))
