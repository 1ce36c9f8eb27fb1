"""The facts of orders."""

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
    """Repeats fields of the order for readers that do not keep it. None in older facts, which lack them."""

    customer_id: str | None = None
    number: str | None = None


class Paid(OrderStep):
    """``amount`` is ``totals.total``."""

    TYPE = "order.paid"
    currency: str
    amount: int
    totals: Totals | None = None


SUCCESSFUL = "successful"
"""The result of a line that was delivered."""


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
    """A line's share in a refund, or without ``line_id`` the shipping's. ``amount`` includes ``tax``."""

    line_id: str | None = None
    quantity: int = 0
    amount: int
    tax: int = 0


class RefundRequested(Fact):
    """The intent to refund, recorded before the gateway is called; ``units`` if units were requested."""

    TYPE = "order.refund_requested"
    refund_id: UUID
    currency: str
    amount: int
    units: tuple[RefundedUnits, ...] = ()
    reason: str
    allocation: tuple[RefundShare, ...] = ()
    """Adds up to ``amount``; decided once, here. Empty in older facts, which lack it."""


class RefundFailed(Fact):
    """The gateway has refused the refund for good; the amount can be requested again."""

    TYPE = "order.refund_failed"
    refund_id: UUID
    code: str
    detail: str


class RefundStuck(Fact):
    """The outcome is unknown after ``tries`` calls: an operator is needed; retries continue."""

    TYPE = "order.refund_stuck"
    refund_id: UUID
    code: str
    tries: int


class RefundRetried(Fact):
    """``intent`` is one higher if the gateway refused the last one; each has its own idempotency key."""

    TYPE = "order.refund_retried"
    refund_id: UUID
    operator: str
    reason: str
    intent: int = 1


class RefundResolved(Fact):
    """``done``: the customer has the money; ``not_done``: the customer does not, and retries end.
    ``done`` after ``order.refund_paid_twice``: that is settled, and no money moves."""

    TYPE = "order.refund_resolved"
    refund_id: UUID
    operator: str
    reason: str
    outcome: str
    reference: str | None = None


class RefundPaidTwice(Fact):
    """The gateway has refunded ``amount`` although it had been paid otherwise meanwhile. The order does not
    account for this payment. ``reference`` is the gateway's."""

    TYPE = "order.refund_paid_twice"
    refund_id: UUID
    currency: str
    amount: int
    reference: str


class Refunded(OrderStep):
    TYPE = "order.refunded"
    refund_id: UUID | None = None
    """None for the full refund of a checkout that was compensated."""
    currency: str
    amount: int
    reason: str
    allocation: tuple[RefundShare, ...] = ()
    """As requested, so that readers only add up. Empty in older facts, which lack it."""


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
