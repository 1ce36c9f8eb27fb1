"""The routes of shipments."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.fulfillment.routes.listing import OfWhom, list_of_orders
from checkout_saga.fulfillment.use_cases.shipping import ORDER_SHIPMENT
from checkout_saga.orders.customer_orders import orders_of
from checkout_saga.orders.domain.errors import (
    LineNotFound,
    NotFulfillable,
    OrderNotFound,
    ShipmentNotFound,
)
from checkout_saga.orders.schemas.shipments import NewShipment, NotDelivered, ShipmentView, show_shipment
from checkout_saga.orders.use_cases import shipments
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.orders.use_cases.shipments import Ship, find_shipment
from contracts.roles import ADMINS, LISTERS
from kernel import ids
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


async def ship_units(order_id: PathId, body: NewShipment, write: Write) -> Response:
    """Units of goods have left together; a line is handed over once all its units have."""
    command = Ship(order_id, ids.new_id(), body.units, body.tracking)
    return await execute(write, find_order, order_id, partial(shipments.ship, command), show_shipment)


async def deliver_shipment(shipment_id: PathId, write: Write) -> Response:
    """It has arrived."""
    act = partial(shipments.deliver, shipment_id)
    return await execute(write, find_shipment, shipment_id, act, show_shipment)


async def fail_shipment(shipment_id: PathId, body: NotDelivered, write: Write) -> Response:
    """It was lost, or cannot be delivered. Its units can be dispatched again, or refunded."""
    act = partial(shipments.fail, shipment_id, body.reason)
    return await execute(write, find_shipment, shipment_id, act, show_shipment)


async def return_shipment(shipment_id: PathId, body: NotDelivered, write: Write) -> Response:
    """It came back without having been delivered. What a customer sends back is a return."""
    act = partial(shipments.come_back, shipment_id, body.reason)
    return await execute(write, find_shipment, shipment_id, act, show_shipment)


async def get_shipment(shipment_id: PathId, read: Read) -> Response:
    """A shipment."""
    return await show(read, find_shipment, shipment_id, show_shipment)


async def list_shipments(read: Read, whose: OfWhom, paging: Paged) -> Response:
    """The shipments of an order or of a customer, oldest first."""
    return await list_of_orders(read, paging, whose, orders_of, ORDER_SHIPMENT, Shipment, show_shipment)


ALL = "/v1/shipments"
BY_ID = "/v1/shipments/{shipment_id}"
TO_SHIP = (OrderNotFound, LineNotFound, NotFulfillable)
TO_CHANGE = (ShipmentNotFound, NotFulfillable)
ROUTES = RouteTable(
    "shipments",
    (
        Route("POST", "/v1/orders/{order_id}/shipments", ship_units, ADMINS, ShipmentView, TO_SHIP, 201),
        Route("POST", f"{BY_ID}/deliver", deliver_shipment, ADMINS, ShipmentView, TO_CHANGE),
        Route("POST", f"{BY_ID}/fail", fail_shipment, ADMINS, ShipmentView, TO_CHANGE),
        Route("POST", f"{BY_ID}/return", return_shipment, ADMINS, ShipmentView, TO_CHANGE),
        Route("GET", BY_ID, get_shipment, LISTERS, ShipmentView, (ShipmentNotFound,)),
        Route("GET", ALL, list_shipments, LISTERS, Page[ShipmentView]),
    ),
)
