"""Dispatch goods: at once, all of a vendor's together, or as the shop says."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from checkout_saga.fulfillment.domain.results import Fulfilled, Result
from checkout_saga.fulfillment.domain.shipment import UNTRACKED, Shipment, Tracking
from checkout_saga.fulfillment.ports import Delivery
from contracts.shipment import ShippedUnits
from kernel.ids import derive_id
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

ORDER_SHIPMENT = "order_shipment"
"""Lists an order's shipments by time; the value is the order, the time and the shipment."""


class Shipments:
    """A shipment for each vendor of an order, dispatched at once; one for a line that is completed later."""

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        shipment = await work.open(Shipment, shipment_id_of(delivery))
        if not shipment.exists:
            parcel = delivery.parcel or ((delivery.line_id, delivery.quantity),)
            units = [ShippedUnits(line_id=line, quantity=quantity) for line, quantity in parcel]
            record_dispatch(
                shipment, delivery.order_id, delivery.customer_id, units, work, vendor_id=delivery.vendor_id
            )
        return Fulfilled(str(shipment.id), delivery.quantity)

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        """What has left stays so; goods come back by returns."""


def record_dispatch(
    shipment: Shipment,
    order_id: UUID,
    customer_id: str,
    units: Sequence[ShippedUnits],
    work: UnitOfWork,
    *,
    vendor_id: str | None = None,
    tracking: Tracking = UNTRACKED,
) -> None:
    shipment.dispatch(order_id, customer_id, units, vendor_id, tracking)
    _list(shipment, work)


def shipment_id_of(delivery: Delivery) -> UUID:
    """Derived, so that a vendor's goods leave once however often they are asked for."""
    name = f"vendor/{delivery.vendor_id or ''}" if delivery.parcel else f"line/{delivery.line_id}"
    return derive_id(delivery.order_id, f"shipment:{name}")


async def resume_shipment(shipment: Shipment, work: UnitOfWork) -> None:
    """The key of one whose facts have been recovered."""
    _list(shipment, work)


def _list(shipment: Shipment, work: UnitOfWork) -> None:
    key = f"{shipment.order_id}/{time_key(shipment.dispatched_at)}/{shipment.id}"
    work.claim_key(ORDER_SHIPMENT, key, shipment.id)
