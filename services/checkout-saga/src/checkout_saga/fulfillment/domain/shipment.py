"""A shipment: units of an order's lines that have left together, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts import shipment as facts
from contracts.shipment import ShippedUnits
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID


class ShipmentStatus(StrEnum):
    NONE = "none"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Tracking:
    """How a carrier names the shipment."""

    carrier: str | None = None
    number: str | None = None
    url: str | None = None


UNTRACKED = Tracking()


class Shipment(Aggregate):
    CREATED_BY = facts.Dispatched.TYPE

    def initialise(self) -> None:
        self.status = ShipmentStatus.NONE
        self.order_id, self.customer_id = NIL_ID, ""
        self.units: tuple[ShippedUnits, ...] = ()
        self.vendor_id: str | None = None
        self.tracking = UNTRACKED
        self.dispatched_at: datetime = UTC_MIN
        self.reason: str | None = None
        """Why it was not delivered."""

    def dispatch(
        self,
        order_id: UUID,
        customer_id: str,
        units: Sequence[ShippedUnits],
        vendor_id: str | None = None,
        tracking: Tracking = UNTRACKED,
    ) -> None:
        self.record(
            facts.Dispatched(
                order_id=order_id,
                customer_id=customer_id,
                units=tuple(units),
                vendor_id=vendor_id,
                carrier=tracking.carrier,
                tracking_number=tracking.number,
                tracking_url=tracking.url,
            )
        )

    def deliver(self) -> None:
        self.record(facts.Delivered(order_id=self.order_id, customer_id=self.customer_id))

    def fail(self, reason: str | None) -> None:
        self.record(facts.Failed(order_id=self.order_id, customer_id=self.customer_id, reason=reason))

    def come_back(self, reason: str | None) -> None:
        self.record(facts.Returned(order_id=self.order_id, customer_id=self.customer_id, reason=reason))

    def evolve(self, fact: facts.ShipmentFact) -> None:
        match fact:
            case facts.Dispatched():
                self.status, self.dispatched_at = ShipmentStatus.DISPATCHED, fact.timestamp
                self.order_id, self.customer_id = fact.order_id, fact.customer_id
                self.units, self.vendor_id = fact.units, fact.vendor_id
                self.tracking = Tracking(fact.carrier, fact.tracking_number, fact.tracking_url)
            case facts.Delivered():
                self.status = ShipmentStatus.DELIVERED
            case facts.Failed(reason=reason):
                self.status, self.reason = ShipmentStatus.FAILED, reason
            case facts.Returned(reason=reason):
                self.status, self.reason = ShipmentStatus.RETURNED, reason
            case _:
                assert_never(fact)
