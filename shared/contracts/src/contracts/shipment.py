"""The facts of shipments: goods of an order that have left together, in a stream for each shipment."""

from uuid import UUID

from contracts.envelope import Fact, Part


class ShippedUnits(Part):
    line_id: str
    quantity: int


class Dispatched(Fact):
    """The units have left. The address stands in the checkout, encrypted."""

    TYPE = "shipment.dispatched"
    order_id: UUID
    customer_id: str
    units: tuple[ShippedUnits, ...]
    vendor_id: str | None = None
    """Whose goods they are; None: the shop's own, or of several."""
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


class Delivered(Fact):
    TYPE = "shipment.delivered"
    order_id: UUID
    customer_id: str


class Failed(Fact):
    """The shipment was lost, or cannot be delivered: its units can be dispatched again."""

    TYPE = "shipment.failed"
    order_id: UUID
    customer_id: str
    reason: str | None = None


class Returned(Fact):
    """The shipment came back without having been delivered: its units can be dispatched again."""

    TYPE = "shipment.returned"
    order_id: UUID
    customer_id: str
    reason: str | None = None


ShipmentFact = Dispatched | Delivered | Failed | Returned
