"""Products by day: how often each was sold, how many units, and what they brought in.

A sale counts on the day its order was paid; an order that is never paid does not count. If it is cancelled
afterwards, because it could not be fulfilled, it was not sold: it no longer counts on that day. Money that
went back counts on the day it went: on the products whose units came back, or, where that is not told, shared
out over all that is left of the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import order
from pricing.allocation import allocate, allocate_to_units
from projections.read_models.model import Cell, Contributions, Figures, ReadModel, day_of, summed


class Line(BaseModel):
    line_id: str
    product_id: UUID
    sku: str
    name: str
    quantity: int
    total: int


class Refund(BaseModel):
    day: date
    amount: int
    of: dict[str, int] = {}
    """By product, what the units that came back had cost; empty where no units were told."""


class Order(BaseModel):
    currency: str = ""
    lines: list[Line] = []
    asked: dict[str, dict[str, int]] = {}
    """By the refund's id, the same as ``Refund.of``."""
    rest: int = 0
    """What was charged besides the lines: shipping."""
    sold: date | None = None
    cancelled: bool = False
    refunds: list[Refund] = []


Told = (
    order.Created
    | order.Paid
    | order.Fulfilled
    | order.PartiallyFulfilled
    | order.RefundRequested
    | order.Refunded
    | order.Cancelled
)


def fold(state: Order, fact: Told, at: datetime) -> None:
    match fact:
        case order.Created():
            state.currency = fact.sale.currency
            state.lines = [Line.model_validate(it, from_attributes=True) for it in fact.sale.lines]
            state.rest = fact.sale.totals.total - sum(it.total for it in state.lines)
        # a free order is fulfilled without ever being paid
        case order.Paid() | order.Fulfilled() | order.PartiallyFulfilled():
            state.sold = state.sold or day_of(at)
        case order.RefundRequested(refund_id=refund_id, units=units):
            state.asked[str(refund_id)] = _cost_of(units, state)
        case order.Refunded():
            of = state.asked.pop(str(fact.refund_id), {})
            state.refunds.append(Refund(day=day_of(at), amount=fact.amount, of=of))
        case order.Cancelled():
            state.cancelled = True
        case _:
            assert_never(fact)


def contributions(state: Order) -> Contributions:
    if state.sold is None:
        return {}
    counted = int(not state.cancelled)
    lines = _by_product(state.lines)
    parts = [(_cell(state, state.sold, it), (counted, counted * it.quantity, it.total)) for it in lines]
    return summed(parts + _given_back(state, lines))


def _by_product(lines: Sequence[Line]) -> list[Line]:
    """One for each product, with all of its units."""
    found: dict[UUID, Line] = {}
    for it in lines:
        known = found.setdefault(it.product_id, it.model_copy(update={"quantity": 0, "total": 0}))
        known.quantity += it.quantity
        known.total += it.total
    return list(found.values())


def _cost_of(units: Sequence[order.RefundedUnits], state: Order) -> dict[str, int]:
    cost: Counter[str] = Counter()
    lines = {it.line_id: it for it in state.lines}
    for it in units:
        line = lines[it.line_id]
        cost[str(line.product_id)] += sum(allocate_to_units(line.total, line.quantity)[: it.quantity])
    return dict(+cost)


def _given_back(state: Order, lines: Sequence[Line]) -> list[tuple[Cell, Figures]]:
    """Each refund takes from what those before it have left: however it is split, it adds up."""
    left = {str(it.product_id): it.total for it in lines} | {"": max(0, state.rest)}
    parts: list[tuple[Cell, Figures]] = []
    for refund in state.refunds:
        weights = refund.of or {name: max(0, it) for name, it in left.items()}
        shares = allocate(min(refund.amount, sum(weights.values())), weights)
        for name, share in shares.items():
            left[name] -= share
        for it in lines:
            share = shares.get(str(it.product_id), 0)
            parts.append((_cell(state, refund.day, it), (0, 0, -share)))
    return parts


def _cell(state: Order, day: date, it: Line) -> Cell:
    return (day, state.currency, it.product_id, it.sku, it.name)


def subject(fact: Told) -> UUID:
    return fact.originator_id


PRODUCTS: ReadModel[Order, Told] = ReadModel(
    name="products",
    version=2,
    facts=get_args(Told),
    keys={"day": "date", "currency": "text", "product_id": "uuid", "sku": "text", "name": "text"},
    figures=("times_sold", "quantity", "revenue"),
    state=Order,
    subject=subject,
    fold=fold,
    contributions=contributions,
)

PAGE = f"""
    SELECT product_id, currency, (array_agg(sku ORDER BY day DESC, sku))[1] AS sku,
           (array_agg(name ORDER BY day DESC, name))[1] AS name,
           sum(times_sold)::bigint AS times_sold, sum(quantity)::bigint AS quantity,
           sum(revenue)::bigint AS revenue
    FROM {PRODUCTS.table}
    WHERE tenant = $1 AND day >= $2 AND day < $3
    GROUP BY product_id, currency
    HAVING (sum(times_sold), sum(quantity), sum(revenue)) <> (0, 0, 0)
       AND ($4::bigint IS NULL OR sum(revenue) < $4
            OR (sum(revenue) = $4 AND (product_id, currency) > ($5, $6)))
    ORDER BY revenue DESC, product_id, currency LIMIT $7
"""  # noqa: S608  # the table's name is ours
