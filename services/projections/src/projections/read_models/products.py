"""Products by day: how often each was sold, how many units, and what they brought in.

A sale counts on the day its order was paid; an order that is never paid does not count. If it is cancelled
afterwards, because it could not be fulfilled, it was not sold: it no longer counts on that day. Money that
went back counts on the day it went, line by line as the order has decided; what of it was shipping is no
product's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import order
from contracts.order import RefundShare
from pricing.refunds import Remainder
from projections.read_models.model import Measures, ReadModel, RowDeltas, RowKey, day_of, summed


class Line(BaseModel):
    line_id: str
    product_id: UUID
    sku: str
    name: str
    quantity: int
    total: int


class Refund(BaseModel):
    day: date
    shares: tuple[RefundShare, ...]


class Order(BaseModel):
    currency: str = ""
    lines: list[Line] = []
    shipping: int = 0
    asked: dict[str, tuple[RefundShare, ...]] = {}
    """By the refund's id, what is on its way back."""
    sold: date | None = None
    cancelled: bool = False
    refunds: list[Refund] = []

    def left(self) -> Remainder:
        charged = [
            RefundShare(line_id=it.line_id, quantity=it.quantity, amount=it.total) for it in self.lines
        ]
        remainder = Remainder([*charged, RefundShare(amount=self.shipping)])
        for shares in (*self.asked.values(), *(it.shares for it in self.refunds)):
            remainder.take(shares)
        return remainder


KnownFact = (
    order.Created
    | order.Paid
    | order.Fulfilled
    | order.PartiallyFulfilled
    | order.RefundRequested
    | order.RefundFailed
    | order.Refunded
    | order.Cancelled
)


def fold(state: Order, fact: KnownFact, at: datetime) -> None:
    match fact:
        case order.Created():
            state.currency = fact.sale.currency
            state.lines = [Line.model_validate(it, from_attributes=True) for it in fact.sale.lines]
            state.shipping = max(0, fact.sale.totals.total - sum(it.total for it in state.lines))
        # a free order is fulfilled without ever being paid
        case order.Paid() | order.Fulfilled() | order.PartiallyFulfilled():
            state.sold = state.sold or day_of(at)
        case order.RefundRequested():
            shares = fact.allocation or state.left().untold(fact.amount, fact.units)
            state.asked[str(fact.refund_id)] = shares
        case order.RefundFailed(refund_id=refund_id):
            state.asked.pop(str(refund_id), None)
        case order.Refunded():
            asked = state.asked.pop(str(fact.refund_id), ())
            shares = fact.allocation or asked or state.left().untold(fact.amount)
            state.refunds.append(Refund(day=day_of(at), shares=shares))
        case order.Cancelled():
            state.cancelled = True
        case _:
            assert_never(fact)


def contributions(state: Order) -> RowDeltas:
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


def _given_back(state: Order, lines: Sequence[Line]) -> list[tuple[RowKey, Measures]]:
    products = {it.line_id: it.product_id for it in state.lines}
    shown = {it.product_id: it for it in lines}
    return [
        (_cell(state, refund.day, shown[products[it.line_id]]), (0, 0, -it.amount))
        for refund in state.refunds
        for it in refund.shares
        if it.line_id in products
    ]


def _cell(state: Order, day: date, it: Line) -> RowKey:
    return (day, state.currency, it.product_id, it.sku, it.name)


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


PRODUCTS: ReadModel[Order, KnownFact] = ReadModel(
    name="products",
    version=3,
    facts=get_args(KnownFact),
    keys={"day": "date", "currency": "text", "product_id": "uuid", "sku": "text", "name": "text"},
    measures=("times_sold", "quantity", "revenue"),
    state=Order,
    subject=subject,
    fold=fold,
    contributions=contributions,
)

PAGE = f"""
    WITH later AS (
        SELECT product_id, currency, sum(times_sold) AS times_sold, sum(quantity) AS quantity,
               sum(revenue) AS revenue
        FROM {PRODUCTS.table}_change
        WHERE tenant = $1 AND day >= $2 AND day < $3 AND changed_at > $5::timestamptz - interval '10 minutes'
          AND NOT pg_visible_in_snapshot(changed_by, $4::text::pg_snapshot)
        GROUP BY product_id, currency
    ), by_now AS (
        SELECT product_id, currency, (array_agg(sku ORDER BY day DESC, sku))[1] AS sku,
               (array_agg(name ORDER BY day DESC, name))[1] AS name,
               sum(times_sold) AS times_sold, sum(quantity) AS quantity, sum(revenue) AS revenue
        FROM {PRODUCTS.table}
        WHERE tenant = $1 AND day >= $2 AND day < $3
        GROUP BY product_id, currency
    ), known AS (
        SELECT product_id, currency, sku, name,
               (n.times_sold - coalesce(l.times_sold, 0))::bigint AS times_sold,
               (n.quantity - coalesce(l.quantity, 0))::bigint AS quantity,
               (n.revenue - coalesce(l.revenue, 0))::bigint AS revenue
        FROM by_now n LEFT JOIN later l USING (product_id, currency)
    )
    SELECT known.*, coalesce($4, pg_current_snapshot()::text) AS seen, coalesce($5, now()) AS since
    FROM known
    WHERE (times_sold, quantity, revenue) <> (0, 0, 0)
      AND ($6::bigint IS NULL OR revenue < $6
           OR (revenue = $6 AND (product_id, currency) > ($7, $8)))
    ORDER BY revenue DESC, product_id, currency LIMIT $9
"""  # noqa: S608  # the table's name is ours
"""$4 and $5: what the first page has seen, and when. Pages behind it show what it would have shown: a place
by figures of now would be passed by whatever rises above it meanwhile."""
