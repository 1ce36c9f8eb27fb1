"""From units of an order's lines to units in stock: one of a line may hold several of its product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from contracts.offer import Wanted
from contracts.order import RefundedUnits
from contracts.sale import Sale


def stock_units(sale: Sale, units: Iterable[RefundedUnits]) -> tuple[Wanted, ...]:
    """By product, sorted by id like every demand of stock."""
    lines = {line.line_id: line for line in sale.lines}
    found: Counter[UUID] = Counter()
    for it in units:
        found[lines[it.line_id].product_id] += it.quantity * lines[it.line_id].units
    return tuple(Wanted(product_id=it, quantity=found[it]) for it in sorted(found))
