"""The requests and the view of shipments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from checkout_saga.fulfillment.domain.shipment import Shipment, Tracking
from contracts.shipment import ShippedUnits
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText

_LINE = "019a2b3c-0001-7000-8000-000000000001"


class UnitsToShip(Body):
    line_id: ShortText
    quantity: Annotated[int, Field(ge=1, le=1000)]


class NewShipment(Body):
    """Units that have left together."""

    lines: Annotated[tuple[UnitsToShip, ...], Field(min_length=1, max_length=50)]
    carrier: ShortText | None = None
    tracking_number: ShortText | None = None
    tracking_url: Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=2000)] | None = None

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if len({it.line_id for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line once.")
        return self

    @property
    def units(self) -> list[ShippedUnits]:
        return [ShippedUnits(line_id=it.line_id, quantity=it.quantity) for it in self.lines]

    @property
    def tracking(self) -> Tracking:
        return Tracking(self.carrier, self.tracking_number, self.tracking_url)


class NotDelivered(Body):
    """Kept in the log for ever: the reason must not contain personal data."""

    reason: ShortText | None = None


class ShippedUnitsView(BaseModel):
    line_id: str
    quantity: int


class ShipmentView(BaseModel):
    shipment_id: UUID
    order_id: UUID
    status: Literal["dispatched", "delivered", "failed", "returned"]
    lines: list[ShippedUnitsView]
    vendor_id: str | None
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    reason: str | None
    dispatched_at: datetime
    version: int


def show_shipment(shipment: Shipment, _now: datetime) -> ShipmentView:
    return ShipmentView.model_validate(
        {
            "shipment_id": shipment.id,
            "order_id": shipment.order_id,
            "status": shipment.status.value,
            "lines": [it.model_dump() for it in shipment.units],
            "vendor_id": shipment.vendor_id,
            "carrier": shipment.tracking.carrier,
            "tracking_number": shipment.tracking.number,
            "tracking_url": shipment.tracking.url,
            "reason": shipment.reason,
            "dispatched_at": shipment.dispatched_at,
            "version": shipment.version,
        }
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewShipment": Word(
            "Units of an order's goods that have left together.",
            {"lines": [{"line_id": _LINE, "quantity": 1}], "carrier": "CTT", "tracking_number": "RR4711PT"},
        ),
        "NewShipment.lines": Word("The units."),
        "UnitsToShip": Word("Units of a line."),
        "carrier": Word("Who carries it.", "CTT"),
        "tracking_number": Word("The carrier's number of it.", "RR4711PT"),
        "tracking_url": Word("Where it can be followed.", "https://carrier.example/RR4711PT"),
        "NotDelivered": Word("Why a shipment was not delivered.", {"reason": "refused"}),
        "NotDelivered.reason": Word("Without personal data: it is kept in the log for ever.", "refused"),
        "ShipmentView": Word("Units of an order's goods that have left together."),
        "shipment_id": Word("The shipment.", "019a2b3c-0010-7000-8000-000000000001"),
        "ShipmentView.status": Word("dispatched, delivered, failed or returned.", "dispatched"),
        "ShipmentView.lines": Word("What is in it."),
        "ShippedUnitsView": Word("Units of a line."),
        "ShipmentView.vendor_id": Word("Whose goods they are; null: the shop's own, or several.", None),
        "ShipmentView.reason": Word("Why it was not delivered.", None),
        "dispatched_at": Word("When it has left.", "2026-03-01T12:00:00Z"),
    }
)
