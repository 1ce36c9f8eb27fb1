"""The facts of orders."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.sale import Sale, Totals
from contracts.upsell import Origin, Proposal


class Created(Fact):
    TYPE = "order.created"
    number: str
    checkout_id: UUID
    cart_id: UUID
    customer_id: str
    payment_id: UUID | None = None
    """None for a free order."""
    gateway: str | None = None
    payment_method: str | None = None
    """With which it is paid, such as ``boleto``. None for a free order, and in older facts, which lack it."""
    sale: Sale
    origin: Origin | None = None
    """The upsell of another order that was bought."""


class OrderStep(Fact):
    """Repeats fields of the order for readers that do not keep it. None in older facts, which lack them."""

    customer_id: str | None = None
    number: str | None = None


class Breakdown(Part):
    """What an amount is made of: ``items`` and ``shipping`` without tax, and the ``tax`` of both."""

    items: int
    shipping: int
    tax: int


class Paid(OrderStep):
    """``amount`` is ``totals.total``."""

    TYPE = "order.paid"
    currency: str
    amount: int
    totals: Totals | None = None
    breakdown: Breakdown | None = None
    """Adds up to ``amount``. None in older facts, which lack it."""
    number_held: int | None = None
    """How many paid orders the person has with this one, where that changes no segment of the customer."""


SUCCESSFUL = "successful"
"""The result of a line that was delivered."""


class LineResult(Part):
    line_id: str
    result: str
    """``successful``, ``pending`` or ``failed``."""
    detail: str | None = None
    """The code of a failure."""
    reference: str | None = None
    units: int | None = None
    """Units of a pending line that are handed over already; None: none."""


class Fulfilled(OrderStep):
    TYPE = "order.fulfilled"
    results: tuple[LineResult, ...]


class PartiallyFulfilled(OrderStep):
    TYPE = "order.partially_fulfilled"
    results: tuple[LineResult, ...]


class FulfillmentPending(OrderStep):
    """No line is handed over yet, and none has failed."""

    TYPE = "order.fulfillment_pending"
    results: tuple[LineResult, ...]


class FulfillmentFailed(OrderStep):
    """No line is handed over, and at least one was given up."""

    TYPE = "order.fulfillment_failed"
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
    reason_code: str = "other"
    """Why, of a fixed list, for evaluation: ``defective``, ``not_delivered``, …"""
    method: str = "original"
    """``original``: by the gateway that took the money; ``manual``: by hand, without a call."""
    restock: bool = False
    """Whether the refunded units go back into stock, once the refund is done."""
    return_id: UUID | None = None
    """The return by which the units came back."""


class RefundFailed(Fact):
    """The gateway has refused the refund for good; the amount can be requested again."""

    TYPE = "order.refund_failed"
    refund_id: UUID
    code: str
    detail: str


class RefundPending(Fact):
    """The gateway has taken the refund, under its ``reference``, and decides later; it is looked at
    meanwhile."""

    TYPE = "order.refund_pending"
    refund_id: UUID
    reference: str


class RefundStuck(Fact):
    """An operator is needed. The outcome is unknown after ``tries`` calls, or the gateway has not decided
    within 30 days (``REFUND_UNDECIDED``), and retries continue; or it is for
    people to pay back, and nothing is called: ``REFUND_MANUAL``, ``REFUND_NOT_SUPPORTED``,
    ``REFUND_NEEDS_ACTION``."""

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


class LinesCancelled(OrderStep):
    """Units that were not handed over will not be; they go back into stock at once. ``refund_id``: that of
    what they have cost; there is no such refund if they have cost nothing."""

    TYPE = "order.lines_cancelled"
    refund_id: UUID
    units: tuple[RefundedUnits, ...]
    reason: str


class Cancelled(OrderStep):
    TYPE = "order.cancelled"
    reason: str


class UpsellsProposed(Fact):
    """What the buyer may take after the purchase, with the payment method of this order, before
    ``expires_at``."""

    TYPE = "order.upsells_proposed"
    upsells: tuple[Proposal, ...]
    expires_at: datetime


class UpsellBought(Fact):
    """A proposed upsell was bought: ``order_id`` is the order of its own."""

    TYPE = "order.upsell_bought"
    upsell_id: UUID
    order_id: UUID


OrderFact = (
    Created
    | Paid
    | Fulfilled
    | PartiallyFulfilled
    | FulfillmentPending
    | FulfillmentFailed
    | RefundRequested
    | RefundFailed
    | RefundPending
    | RefundStuck
    | RefundRetried
    | RefundResolved
    | RefundPaidTwice
    | Refunded
    | LinesCancelled
    | Cancelled
    | UpsellsProposed
    | UpsellBought
)
