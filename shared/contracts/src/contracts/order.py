"""All that can happen to an order."""

from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.sale import Sale, Totals


class Created(Fact):
    TYPE = "order.created"
    number: str
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    payment_id: UUID | None = None
    """None for a free order."""
    gateway: str | None = None
    sale: Sale


class OrderStep(Fact):
    """For who reads it without having kept the order. None in facts from before these were recorded."""

    customer_id: str | None = None
    number: str | None = None


class Paid(OrderStep):
    """``amount`` is ``totals.total``."""

    TYPE = "order.paid"
    currency: str
    amount: int
    totals: Totals | None = None


class LineResult(Part):
    line_id: str
    result: str
    detail: str | None = None


class Fulfilled(OrderStep):
    TYPE = "order.fulfilled"
    results: tuple[LineResult, ...]


class PartiallyFulfilled(OrderStep):
    TYPE = "order.partially_fulfilled"
    results: tuple[LineResult, ...]


class RefundedUnits(Part):
    line_id: str
    quantity: int


class RefundShare(Part):
    """What a refund gives back of a line or, without ``line_id``, of the shipping; with the tax in it."""

    line_id: str | None = None
    quantity: int = 0
    amount: int
    tax: int = 0


class RefundRequested(Fact):
    """The intent, recorded before the gateway is asked; ``units`` where it is about units of lines."""

    TYPE = "order.refund_requested"
    refund_id: UUID
    currency: str
    amount: int
    units: tuple[RefundedUnits, ...] = ()
    reason: str
    allocation: tuple[RefundShare, ...] = ()
    """Adds up to ``amount``; decided here once and for all. Empty in facts from before it was recorded."""


class RefundFailed(Fact):
    """The gateway refuses it for good: the amount may be asked for again."""

    TYPE = "order.refund_failed"
    refund_id: UUID
    code: str
    detail: str


class RefundStuck(Fact):
    """The gateway has not told the outcome for so many tries: an operator is called, and it is asked on."""

    TYPE = "order.refund_stuck"
    refund_id: UUID
    code: str
    tries: int


class RefundRetried(Fact):
    """``intent`` is one higher where the gateway had refused the one before: it gets a key of its own."""

    TYPE = "order.refund_retried"
    refund_id: UUID
    operator: str
    reason: str
    intent: int = 1


class RefundResolved(Fact):
    """``done``: the money is with the customer; ``not_done``: it is not, and nobody asks for it any more.
    ``done`` after ``order.refund_paid_twice``: that has been seen to, and no money moves."""

    TYPE = "order.refund_resolved"
    refund_id: UUID
    operator: str
    reason: str
    outcome: str
    reference: str | None = None


class RefundPaidTwice(Fact):
    """The gateway has paid ``amount`` back though it had been paid otherwise meanwhile: nothing of the order
    accounts for it. ``reference`` is the gateway's."""

    TYPE = "order.refund_paid_twice"
    refund_id: UUID
    currency: str
    amount: int
    reference: str


class Refunded(OrderStep):
    TYPE = "order.refunded"
    refund_id: UUID | None = None
    """None where a checkout that could not go forward gave everything back."""
    currency: str
    amount: int
    reason: str
    allocation: tuple[RefundShare, ...] = ()
    """As it was requested, so that readers add it up and work nothing out."""


class Cancelled(OrderStep):
    TYPE = "order.cancelled"
    reason: str


OrderFact = (
    Created
    | Paid
    | Fulfilled
    | PartiallyFulfilled
    | RefundRequested
    | RefundFailed
    | RefundStuck
    | RefundRetried
    | RefundResolved
    | RefundPaidTwice
    | Refunded
    | Cancelled
)
