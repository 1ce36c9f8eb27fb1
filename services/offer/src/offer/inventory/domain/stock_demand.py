"""The units that a checkout wants of tracked stocks, and the shortages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.offer import Wanted
from contracts.stock import Shortage
from offer.inventory.domain.stock import Stock

Stocks = Mapping[UUID, Stock]
"""By product id."""

Courses = Mapping[UUID, Collection[UUID]]
"""The courses that are products, by the bundle that names them."""

INSUFFICIENT = "INSUFFICIENT_INVENTORY"


def with_courses(wanted: Iterable[Wanted], courses: Courses) -> tuple[Wanted, ...]:
    """What is wanted, and for each unit of a bundle a seat in every one of its courses."""
    return tuple(
        Wanted(product_id=product_id, quantity=line.quantity)
        for line in wanted
        for product_id in (line.product_id, *courses.get(line.product_id, ()))
    )


def tracked_units(wanted: Iterable[Wanted], stocks: Stocks) -> tuple[Wanted, ...]:
    """The sum for each product that has a stock record, ordered by product id. Others need no hold."""
    units: dict[UUID, int] = {}
    for line in wanted:
        if stocks[line.product_id].exists:
            units[line.product_id] = units.get(line.product_id, 0) + max(line.quantity, 0)
    return tuple(Wanted(product_id=key, quantity=units[key]) for key in sorted(units) if units[key])


def less(held: Iterable[Wanted], beyond: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """The held units without those ``beyond``, by product."""
    left = {it.product_id: it.quantity for it in held}
    for it in beyond:
        if it.product_id in left:
            left[it.product_id] = max(0, left[it.product_id] - it.quantity)
    return tuple(Wanted(product_id=key, quantity=it) for key, it in left.items() if it)


def shortages(wanted: Iterable[Wanted], stocks: Stocks, now: datetime) -> tuple[Shortage, ...]:
    return tuple(
        Shortage(product_id=it.product_id, requested=it.quantity, available=max(0, stock.available(now)))
        for it in wanted
        if not (stock := stocks[it.product_id]).can_hold(it.quantity, now)
    )


def describe(short: Sequence[Shortage]) -> str:
    return "; ".join(f"{it.product_id}: {it.requested} requested, {it.available} available" for it in short)
