"""The facts of returns: goods that a customer sends back, in a stream for each return."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact, Part


class ReturnedUnits(Part):
    line_id: str
    quantity: int
    reason_code: str = "other"


class ReceivedUnits(Part):
    line_id: str
    quantity: int
    condition: str
    """``sellable``, ``damaged`` or ``missing``."""


class Requested(Fact):
    TYPE = "return.requested"
    order_id: UUID
    customer_id: str
    units: tuple[ReturnedUnits, ...]


class Approved(Fact):
    """The goods may be sent until ``expires_at``."""

    TYPE = "return.approved"
    order_id: UUID
    customer_id: str
    expires_at: datetime


class Rejected(Fact):
    TYPE = "return.rejected"
    order_id: UUID
    customer_id: str
    reason: str | None = None


class Received(Fact):
    """What has come back. Units that are not missing are refunded, sellable ones go back into stock."""

    TYPE = "return.received"
    order_id: UUID
    customer_id: str
    units: tuple[ReceivedUnits, ...]
    refund_id: UUID | None = None
    """None: nothing is left to refund for them."""


class Closed(Fact):
    """The refund is done, or there was none."""

    TYPE = "return.closed"
    order_id: UUID
    customer_id: str
    refund_id: UUID | None = None


class Expired(Fact):
    """The goods were not received in time."""

    TYPE = "return.expired"
    order_id: UUID
    customer_id: str


ReturnFact = Requested | Approved | Rejected | Received | Closed | Expired
