"""Products by day and currency: number of sales, units and revenue of each product.

A sale counts on the day its order was paid; an order that is never paid does not count. An order cancelled
after payment, because it could not be fulfilled, no longer counts as sold on that day. A refund counts on the
day it was made, by the order's own allocation to lines; the part allocated to shipping belongs to no product.
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
    """Refunds requested and not yet made, by the refund's id."""
    sold: date | None = None
    cancelled: bool = False
    refunds: list[Refund] = []

    def refundable(self) -> Remainder:
        """What is left of each line and of shipping after all refunds."""
        charged = [
            RefundShare(line_id=line.line_id, quantity=line.quantity, amount=line.total)
            for line in self.lines
        ]
        remainder = Remainder([*charged, RefundShare(amount=self.shipping)])
        for shares in (*self.asked.values(), *(refund.shares for refund in self.refunds)):
            remainder.deduct(shares)
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


def fold(state: Order, fact: KnownFact, occurred_at: datetime) -> None:
    match fact:
        case order.Created():
            state.currency = fact.sale.currency
            state.lines = [Line.model_validate(line, from_attributes=True) for line in fact.sale.lines]
            state.shipping = max(0, fact.sale.totals.total - sum(line.total for line in state.lines))
        # a free order is fulfilled without a payment
        case order.Paid() | order.Fulfilled() | order.PartiallyFulfilled():
            state.sold = state.sold or day_of(occurred_at)
        case order.RefundRequested():
            shares = fact.allocation or state.refundable().infer_shares(fact.amount, fact.units)
            state.asked[str(fact.refund_id)] = shares
        case order.RefundFailed(refund_id=refund_id):
            state.asked.pop(str(refund_id), None)
        case order.Refunded():
            asked = state.asked.pop(str(fact.refund_id), ())
            shares = fact.allocation or asked or state.refundable().infer_shares(fact.amount)
            state.refunds.append(Refund(day=day_of(occurred_at), shares=shares))
        case order.Cancelled():
            state.cancelled = True
        case _:
            assert_never(fact)


def contributions(state: Order) -> RowDeltas:
    if state.sold is None:
        return {}
    counted = int(not state.cancelled)
    lines = _by_product(state.lines)
    sales = [
        (_row_key(state, state.sold, line), (counted, counted * line.quantity, line.total)) for line in lines
    ]
    return summed(sales + _refunds(state, lines))


def _by_product(lines: Sequence[Line]) -> list[Line]:
    """Merge the lines of each product into one."""
    merged: dict[UUID, Line] = {}
    for line in lines:
        product = merged.setdefault(line.product_id, line.model_copy(update={"quantity": 0, "total": 0}))
        product.quantity += line.quantity
        product.total += line.total
    return list(merged.values())


def _refunds(state: Order, lines: Sequence[Line]) -> list[tuple[RowKey, Measures]]:
    products = {line.line_id: line.product_id for line in state.lines}
    merged = {line.product_id: line for line in lines}
    return [
        (_row_key(state, refund.day, merged[products[share.line_id]]), (0, 0, -share.amount))
        for refund in state.refunds
        for share in refund.shares
        if share.line_id in products
    ]


def _row_key(state: Order, day: date, line: Line) -> RowKey:
    return (day, state.currency, line.product_id, line.sku, line.name)


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
"""  # noqa: S608  # the table's name is a constant
"""$4 and $5: the snapshot and the time of the first page. Later pages subtract the changes made since then:
with a cursor over current figures, a product whose revenue grows between two pages would be missed."""
