"""The facts of fulfilment: how each line of an order is handed over, in a stream for each line."""

from uuid import UUID

from contracts.envelope import Fact


class Requested(Fact):
    """The intent to hand the line over, recorded before each try."""

    TYPE = "fulfillment.requested"
    order_id: UUID
    line_id: str
    attempt: int = 1
    """Counts from 1 through the life of the line."""
    operator: str | None = None
    """Who has begun again, after the tries had ended."""
    reason: str | None = None


class Succeeded(Fact):
    """The line is handed over."""

    TYPE = "fulfillment.succeeded"
    attempt: int
    reference: str | None = None
    units: int | None = None
    """Units that were handed over by this, of a line whose units are counted: they may be in several
    shipments."""


class Pending(Fact):
    """The line is handed over later, by the shop or by another system; ``reference`` is theirs."""

    TYPE = "fulfillment.pending"
    attempt: int
    reference: str | None = None
    units: int | None = None
    """Units that were handed over by this; the others are still to come."""


class Failed(Fact):
    """A try without effect."""

    TYPE = "fulfillment.failed"
    attempt: int
    code: str
    detail: str
    final: bool
    """Whether it is not tried again, unless an operator begins again."""
    partly: bool = False
    """Whether a part of the line was handed over nevertheless, such as a course of a bundle."""


class Revoked(Fact):
    """The line was taken back, or is no longer wanted."""

    TYPE = "fulfillment.revoked"
    attempt: int
    reference: str | None = None


class UnitsCameBack(Fact):
    """Units of a shipment that was not delivered: they can be dispatched again."""

    TYPE = "fulfillment.units_came_back"
    shipment_id: UUID
    units: int


class ReturnOpened(Fact):
    """Units that the customer wants to send back."""

    TYPE = "fulfillment.return_opened"
    return_id: UUID
    units: int


class ReturnEnded(Fact):
    """``returned`` of the units have come back; the others stay the customer's."""

    TYPE = "fulfillment.return_ended"
    return_id: UUID
    returned: int


FulfillmentFact = (
    Requested | Succeeded | Pending | Failed | Revoked | UnitsCameBack | ReturnOpened | ReturnEnded
)
