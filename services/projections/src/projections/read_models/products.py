"""Products by day: how often each was sold, how many units, and what they brought in.

A sale counts on the day its order was paid; an order that is never paid does not count. If it is cancelled
afterwards, because it could not be fulfilled, it was not sold: it no longer counts on that day. Money that
went back counts on the day it went, shared out over the order's lines by what each had cost.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import order
from contracts.sale import Sale
from pricing.allocation import allocate
from projections.read_models.model import Cell, Contributions, Figures, ReadModel, day_of, summed


class Line(BaseModel):
    """All lines of one product in one order."""

    product_id: UUID
    sku: str
    name: str
    quantity: int
    total: int


class Refund(BaseModel):
    day: date
    amount: int


class Order(BaseModel):
    currency: str = ""
    lines: list[Line] = []
    rest: int = 0
    """What was charged besides the lines: shipping."""
    sold: date | None = None
    cancelled: bool = False
    refunds: list[Refund] = []


Told = (
    order.Created | order.Paid | order.Fulfilled | order.PartiallyFulfilled | order.Refunded | order.Cancelled
)


def fold(state: Order, fact: Told, at: datetime) -> None:
    match fact:
        case order.Created():
            state.currency = fact.sale.currency
            state.lines = _by_product(fact.sale)
            state.rest = fact.sale.totals.total - sum(it.total for it in state.lines)
        # a free order is fulfilled without ever being paid
        case order.Paid() | order.Fulfilled() | order.PartiallyFulfilled():
            state.sold = state.sold or day_of(at)
        case order.Refunded():
            state.refunds.append(Refund(day=day_of(at), amount=fact.amount))
        case order.Cancelled():
            state.cancelled = True
        case _:
            assert_never(fact)


def contributions(state: Order) -> Contributions:
    if state.sold is None:
        return {}
    counted = int(not state.cancelled)
    parts = [(_cell(state, state.sold, it), (counted, counted * it.quantity, it.total)) for it in state.lines]
    return summed(parts + _given_back(state))


def _by_product(sale: Sale) -> list[Line]:
    lines: dict[UUID, Line] = {}
    for it in sale.lines:
        known = lines.setdefault(
            it.product_id, Line(product_id=it.product_id, sku=it.sku, name=it.name, quantity=0, total=0)
        )
        known.quantity += it.quantity
        known.total += it.total
    return list(lines.values())


def _given_back(state: Order) -> list[tuple[Cell, Figures]]:
    """Shares of all that was given back so far, less those before: however it is split, it adds up."""
    weights = {str(it.product_id): it.total for it in state.lines} | {"": max(0, state.rest)}
    parts: list[tuple[Cell, Figures]] = []
    before, whole = dict.fromkeys(weights, 0), 0
    for refund in state.refunds:
        whole = min(whole + refund.amount, sum(weights.values()))
        shares = allocate(whole, weights)
        for it in state.lines:
            share = shares[str(it.product_id)] - before[str(it.product_id)]
            parts.append((_cell(state, refund.day, it), (0, 0, -share)))
        before = shares
    return parts


def _cell(state: Order, day: date, it: Line) -> Cell:
    return (day, state.currency, it.product_id, it.sku, it.name)


def subject(fact: Told) -> UUID:
    return fact.originator_id


PRODUCTS: ReadModel[Order, Told] = ReadModel(
    name="products",
    version=1,
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
