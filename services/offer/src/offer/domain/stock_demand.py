"""What a checkout wants of the stocks that are counted, and what is missing there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.offer import Wanted
from contracts.stock import Shortage
from offer.domain.stock import Stock

Stocks = Mapping[UUID, Stock]
"""By product."""

INSUFFICIENT = "INSUFFICIENT_INVENTORY"


def tracked_units(wanted: Iterable[Wanted], stocks: Stocks) -> tuple[Wanted, ...]:
    """Summed for each product whose stock is counted, in the order of products; others need no hold."""
    units: dict[UUID, int] = {}
    for it in wanted:
        if stocks[it.product_id].exists:
            units[it.product_id] = units.get(it.product_id, 0) + max(it.quantity, 0)
    return tuple(Wanted(product_id=key, quantity=units[key]) for key in sorted(units) if units[key])


def shortages(wanted: Iterable[Wanted], stocks: Stocks, now: datetime) -> tuple[Shortage, ...]:
    return tuple(
        Shortage(product_id=it.product_id, requested=it.quantity, available=max(0, stock.available(now)))
        for it in wanted
        if not (stock := stocks[it.product_id]).can_hold(it.quantity, now)
    )


def describe(short: Sequence[Shortage]) -> str:
    return "; ".join(f"{it.product_id}: {it.requested} requested, {it.available} available" for it in short)
