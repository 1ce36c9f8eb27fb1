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
from kernel.projections.counters import CounterModel, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from kernel.projections.model import day_of
from pricing.inferred_refunds import shares_refunded, shares_requested
from pricing.refunds import Remainder


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
            state.asked[str(fact.refund_id)] = shares_requested(fact, state.refundable())
        case order.RefundFailed(refund_id=refund_id):
            state.asked.pop(str(refund_id), None)
        case order.Refunded():
            asked = state.asked.pop(str(fact.refund_id), ())
            shares = shares_refunded(fact, asked, state.refundable())
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


PRODUCTS: CounterModel[Order, KnownFact] = CounterModel(
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
