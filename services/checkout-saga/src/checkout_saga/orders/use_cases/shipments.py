"""Dispatch units of an order's lines, and record what became of their shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, Status, fulfillment_id
from checkout_saga.fulfillment.domain.shipment import Shipment, ShipmentStatus, Tracking
from checkout_saga.fulfillment.use_cases.shipping import record_dispatch
from checkout_saga.orders.domain.errors import LineNotFound, NotFulfillable, ShipmentNotFound
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import FINAL
from checkout_saga.orders.use_cases.deliveries import PHYSICAL, delivery_of
from checkout_saga.orders.use_cases.fulfilling import update_results
from checkout_saga.orders.use_cases.reading import find_order
from contracts.shipment import ShippedUnits
from kernel.unit_of_work import UnitOfWork

SHIPPED_BY_PARTS = {Status.PENDING, Status.SUCCESSFUL}
UNDERWAY = {ShipmentStatus.DISPATCHED}
NOT_AT_HOME = {ShipmentStatus.DISPATCHED, ShipmentStatus.FAILED}


@dataclass(frozen=True, slots=True)
class Ship:
    order_id: UUID
    shipment_id: UUID
    units: Sequence[ShippedUnits]
    tracking: Tracking


async def ship(command: Ship, work: UnitOfWork) -> Shipment:
    """Units of goods have left. Raises ``OrderNotFound``, ``LineNotFound`` and ``NotFulfillable``."""
    order = await find_order(command.order_id, work)
    _check(order, command.units)
    shipment = await work.open(Shipment, command.shipment_id)
    vendors = {delivery_of(order, it.line_id).vendor_id for it in command.units}
    vendor_id = vendors.pop() if len(vendors) == 1 else None
    record_dispatch(
        shipment,
        order.id,
        order.customer_id,
        command.units,
        work,
        vendor_id=vendor_id,
        tracking=command.tracking,
    )
    for it in command.units:
        line = await work.open(Fulfillment, fulfillment_id(order.id, it.line_id))
        left = units_to_ship(order, line)
        if it.quantity > left:
            raise NotFulfillable(
                "Fewer units of the line are still to be dispatched.", line_id=it.line_id, units=left
            )
        line.dispatch(shipment.id, it.quantity, is_all=it.quantity == left)
    await update_results(order, work)
    return shipment


def units_to_ship(order: Order, line: Fulfillment) -> int:
    """Units that have not left, or have come back undelivered. A refunded unit that was not returned counts
    as one that has not left."""
    is_counted = line.status is Status.PENDING or bool(line.handed_over)
    if line.status not in SHIPPED_BY_PARTS or not is_counted:
        return 0
    sold, cancelled = order.sold_units(line.line_id), order.cancelled_units[line.line_id]
    refunded = max(0, sold - cancelled - order.wanted_units(line.line_id) - line.returned)
    return max(0, sold - cancelled - refunded - line.dispatched)


def _check(order: Order, units: Sequence[ShippedUnits]) -> None:
    if order.status in FINAL or not order.results:
        raise NotFulfillable("The order's goods cannot be dispatched now.", order_status=order.status)
    types = {it.line_id: it.product_type for it in order.sale.lines}
    for it in units:
        if it.line_id not in types:
            raise LineNotFound("The order has no such line.", line_id=it.line_id)
        if types[it.line_id] != PHYSICAL:
            raise NotFulfillable("The line is not of goods.", line_id=it.line_id)


async def find_shipment(shipment_id: UUID, work: UnitOfWork) -> Shipment:
    """Raises ``ShipmentNotFound``."""
    shipment = await work.open(Shipment, shipment_id)
    if not shipment.exists:
        raise ShipmentNotFound("There is no such shipment.")
    return shipment


async def deliver(shipment_id: UUID, work: UnitOfWork) -> Shipment:
    """Once; a repetition changes nothing."""
    shipment = await find_shipment(shipment_id, work)
    if shipment.status is not ShipmentStatus.DELIVERED:
        _check_status(shipment, UNDERWAY)
        shipment.deliver()
    return shipment


async def fail(shipment_id: UUID, reason: str | None, work: UnitOfWork) -> Shipment:
    """It was lost, or cannot be delivered: its units can be dispatched again."""
    shipment = await find_shipment(shipment_id, work)
    if shipment.status is not ShipmentStatus.FAILED:
        _check_status(shipment, UNDERWAY)
        shipment.fail(reason)
        await _take_in(shipment, work)
    return shipment


async def come_back(shipment_id: UUID, reason: str | None, work: UnitOfWork) -> Shipment:
    """It came back without having been delivered, maybe after it counted as failed."""
    shipment = await find_shipment(shipment_id, work)
    if shipment.status is not ShipmentStatus.RETURNED:
        _check_status(shipment, NOT_AT_HOME)
        has_failed = shipment.status is ShipmentStatus.FAILED
        shipment.come_back(reason)
        if not has_failed:
            await _take_in(shipment, work)
    return shipment


def _check_status(shipment: Shipment, allowed: set[ShipmentStatus]) -> None:
    if shipment.status not in allowed:
        raise NotFulfillable("The shipment is in another state.", shipment_status=shipment.status)


async def _take_in(shipment: Shipment, work: UnitOfWork) -> None:
    ids = {it.line_id: fulfillment_id(shipment.order_id, it.line_id) for it in shipment.units}
    lines = await work.open_many(Fulfillment, ids.values())
    for it in shipment.units:
        lines[ids[it.line_id]].take_in(shipment.id, it.quantity)
