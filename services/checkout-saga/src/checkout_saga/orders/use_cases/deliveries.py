"""What of an order is handed over, and taken back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, Status, fulfillment_id
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.fulfillment.use_cases import handing_over, licensing
from checkout_saga.fulfillment.use_cases.licensing import TEAM_LICENSE
from checkout_saga.fulfillment.use_cases.subscribing import SUBSCRIPTION
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.subscriptions.domain.sold import Price
from contracts.checkout import Gifts
from contracts.sale import Sale, SaleLine
from kernel.unit_of_work import UnitOfWork

COURSE, PHYSICAL = "course", "physical_product"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def deliveries_of(
    order_id: UUID, customer_id: str, sale: Sale, gifts: Gifts | None = None
) -> Sequence[Delivery]:
    """As the order was bought: goods of a vendor leave together."""
    seats = gifts.seats if gifts else {}
    parcels: defaultdict[str | None, list[tuple[str, int]]] = defaultdict(list)
    for it in sale.lines:
        if it.product_type == PHYSICAL:
            parcels[_vendor_of(it)].append((it.line_id, it.quantity))
    return [
        Delivery(
            order_id,
            it.line_id,
            customer_id,
            it.product_type,
            course_ids=_courses_of(it),
            product_id=it.product_id,
            name=it.name,
            plan_id=it.plan_id,
            price=_price_of(it, sale.currency) if it.product_type == SUBSCRIPTION else None,
            asset=it.fulfillment.asset if it.fulfillment else None,
            quantity=it.quantity,
            vendor_id=_vendor_of(it),
            parcel=tuple(parcels[_vendor_of(it)]) if it.product_type == PHYSICAL else (),
            gifts=tuple((one.address, one.personal) for one in seats.get(it.line_id, ())),
        )
        for it in sale.lines
    ]


def delivery_of(order: Order, line_id: str) -> Delivery:
    """What is left to hand over of one line, by itself. Raises ``StopIteration`` for a line that the order
    does not have."""
    found = deliveries_of(order.id, order.customer_id, order.sale)
    delivery = next(it for it in found if it.line_id == line_id)
    return replace(delivery, quantity=order.open_units(line_id), parcel=())


async def take_back(order: Order, work: UnitOfWork) -> None:
    """Take back what is no longer the customer's: all of a cancelled order, of others the lines whose units
    have all been cancelled, or all been refunded. Of a refunded order also the lines that are still tried: a
    refund of all that was paid may leave units that cost nothing, and the order is tried no more."""
    everything = order.status is OrderStatus.CANCELLED
    gone = {it.line_id for it in order.sale.lines if everything or order.has_lost_all_units(it)}
    if order.status is OrderStatus.REFUNDED:
        lines = await work.open_many(
            Fulfillment, [fulfillment_id(order.id, it.line_id) for it in order.sale.lines]
        )
        gone |= {it.line_id for it in lines.values() if it.status is Status.REQUESTED}
    deliveries = deliveries_of(order.id, order.customer_id, order.sale)
    taken = [it for it in deliveries if it.line_id in gone]
    await work.preload(handing_over.streams_of(taken, work))
    for it in taken:
        await handing_over.revoke(it, work)


async def adjust_seats(order: Order, work: UnitOfWork) -> None:
    """Licences have as many seats as units of their line are neither cancelled nor refunded. Raises
    ``SeatsInUse``."""
    for it in order.sale.lines:
        if it.product_type == TEAM_LICENSE:
            await licensing.resize(order.id, it.line_id, order.wanted_units(it.line_id), work)


async def finish_lines(order: Order, line_ids: Iterable[str], work: UnitOfWork) -> None:
    """Lines of which nothing more is to be handed over, if anything was."""
    ids = [fulfillment_id(order.id, it) for it in line_ids if not order.open_units(it)]
    for line in (await work.open_many(Fulfillment, ids)).values():
        line.finish()


def _courses_of(line: SaleLine) -> tuple[str, ...]:
    """A course is one itself, and so is a team licence that names none. A bundle names its courses; one that
    was sold before sales named them has none."""
    named = line.fulfillment.course_ids if line.fulfillment else ()
    if line.product_type == COURSE or (line.product_type == TEAM_LICENSE and not named):
        return (str(line.product_id),)
    return tuple(dict.fromkeys(map(_canonical, named)))


def _price_of(line: SaleLine, currency: str) -> Price:
    return Price(currency, line.quantity, line.unit_price, line.discount, line.tax, line.total)


def _vendor_of(line: SaleLine) -> str | None:
    return line.fulfillment.vendor_id if line.fulfillment else None


def _canonical(course_id: str) -> str:
    """The id of a product here may be written in capitals; what is no id is another system's, as it is."""
    return course_id.lower() if ID.fullmatch(course_id) else course_id
