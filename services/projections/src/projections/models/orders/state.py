"""What happened to an order: what was sold when, what was refunded of it, and since when each is known."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel, Field

from contracts import order
from contracts.order import RefundShare
from contracts.sale import Totals
from kernel.projections.model import day_of
from pricing.inferred_refunds import shares_refunded, shares_requested
from pricing.refunds import Remainder
from projections.models.dated import Dated, dated

NOTHING = Totals(subtotal=0, discount=0, shipping=0, tax=0, total=0)


class Line(BaseModel):
    line_id: str
    product_id: UUID
    offer_id: UUID | None = None
    campaign_id: UUID | None = None
    sku: str
    name: str
    quantity: int
    discount: int
    campaign_saving: int = 0
    total: int


class Refund(BaseModel):
    at: Dated
    amount: int
    shares: tuple[RefundShare, ...]
    refund_id: str | None = None
    """None: the checkout has refunded everything."""
    taken_back: Dated | None = None
    """When the provider has taken its success back: then the sale counts again."""


class Order(BaseModel):
    created: date | None = None
    """The day on which its creation was recorded."""
    customer_id: str = ""
    """Names no person: it stays after an erasure, and so do the customer's figures."""
    currency: str = ""
    lines: list[Line] = []
    totals: Totals = Field(default_factory=lambda: NOTHING)  # a plain default would be copied deeply
    asked: dict[str, tuple[RefundShare, ...]] = {}
    """Refunds requested and not yet made, by the refund's id."""
    sold: Dated | None = None
    cancelled: date | None = None
    """The day on which the cancellation was recorded."""
    refunds: list[Refund] = []

    def refundable(self) -> Remainder:
        """What is left of each line and of shipping after all refunds."""
        charged = [
            RefundShare(line_id=line.line_id, quantity=line.quantity, amount=line.total)
            for line in self.lines
        ]
        shipping = max(0, self.totals.total - sum(line.total for line in self.lines))
        remainder = Remainder([*charged, RefundShare(amount=shipping)])
        made = (refund.shares for refund in self.refunds if refund.taken_back is None)
        for shares in (*self.asked.values(), *made):
            remainder.deduct(shares)
        return remainder

    def take_back(self, refund_id: UUID, at: Dated) -> None:
        for refund in self.refunds:
            if refund.refund_id == str(refund_id) and refund.taken_back is None:
                refund.taken_back = at


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


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Order, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    match fact:
        case order.Created(sale=sale):
            state.created, state.customer_id = day_of(recorded_at), fact.customer_id
            state.currency, state.totals = sale.currency, sale.totals
            state.lines = [Line.model_validate(line, from_attributes=True) for line in sale.lines]
        # a free order is fulfilled without a payment
        case order.Paid() | order.Fulfilled() | order.PartiallyFulfilled():
            state.sold = state.sold or dated(occurred_at, recorded_at)
        case order.RefundRequested():
            state.asked[str(fact.refund_id)] = shares_requested(fact, state.refundable())
        case order.RefundFailed(refund_id=refund_id):
            if state.asked.pop(str(refund_id), None) is None:
                state.take_back(refund_id, dated(occurred_at, recorded_at))
        case order.Refunded():
            asked = state.asked.pop(str(fact.refund_id), ())
            shares = shares_refunded(fact, asked, state.refundable())
            made = str(fact.refund_id) if fact.refund_id else None
            at = dated(occurred_at, recorded_at)
            state.refunds.append(Refund(at=at, amount=fact.amount, shares=shares, refund_id=made))
        case order.Cancelled():
            state.cancelled = state.cancelled or day_of(recorded_at)
        case _:
            assert_never(fact)
