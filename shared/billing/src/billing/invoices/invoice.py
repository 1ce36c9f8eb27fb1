"""An invoice: its lines with their taxes, its totals, and what of it is to be charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from billing.invoices.credit_balance import apply_credit
from pricing.rounding import Rounding
from pricing.tax import TaxRate, tax_of_lines


class LineKind(StrEnum):
    PERIOD = "period"
    STUB = "stub"
    PRORATION = "proration"
    ADD_ON = "add_on"
    USAGE = "usage"
    LATE_USAGE = "late_usage"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Item:
    """What a line charges, in minor units. ``amount`` contains the tax if the rate is inclusive."""

    line_id: str
    kind: LineKind
    amount: int
    rate: TaxRate | None = None
    discount: int = 0

    @property
    def taxable(self) -> int:
        return self.amount - self.discount


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    item: Item
    tax: int

    @property
    def net(self) -> int:
        return self.item.taxable - (self.tax if is_inclusive(self.item.rate) else 0)

    @property
    def total(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class InvoiceTotals:
    """Minor units. ``subtotal`` and ``discount`` contain the taxes of inclusive rates."""

    subtotal: int
    discount: int
    net: int
    tax: int
    total: int
    credit_applied: int
    amount_due: int
    credit_left: int
    """The balance after the invoice."""


@dataclass(frozen=True, slots=True)
class Invoice:
    lines: tuple[InvoiceLine, ...]
    totals: InvoiceTotals


def is_inclusive(rate: TaxRate | None) -> bool:
    return rate is not None and rate.inclusive


def invoice_of(items: Sequence[Item], rounding: Rounding, credit: int = 0) -> Invoice:
    """
    Tax by line after its discount, or once by rate, as the tenant rounds. ``credit``: the balance before it.

    Raises ``ValueError`` for a discount above its line.
    """
    if any(not 0 <= it.discount <= it.amount for it in items):
        raise ValueError("a discount is at most what its line charges")
    taxes = tax_of_lines(
        {it.line_id: it.taxable for it in items}, {it.line_id: it.rate for it in items}, rounding
    )
    lines = tuple(InvoiceLine(it, taxes[it.line_id]) for it in items)
    total = sum(it.total for it in lines)
    paid = apply_credit(total, credit)
    totals = InvoiceTotals(
        subtotal=sum(it.amount for it in items),
        discount=sum(it.discount for it in items),
        net=sum(it.net for it in lines),
        tax=sum(it.tax for it in lines),
        total=total,
        credit_applied=paid.applied,
        amount_due=paid.due,
        credit_left=paid.balance,
    )
    return Invoice(lines, totals)
