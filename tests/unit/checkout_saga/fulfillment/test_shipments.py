"""Goods leave in shipments: all of a vendor's at once, or unit by unit as the shop says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment, fulfillment_id
from checkout_saga.fulfillment.domain.shipment import UNTRACKED, Tracking
from checkout_saga.fulfillment.use_cases.shipping import ORDER_SHIPMENT
from checkout_saga.orders.domain.errors import LineNotFound, NotFulfillable, OrderNotCancellable
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.use_cases import fulfilling, shipments
from checkout_saga.orders.use_cases.refunds import cancel_lines
from checkout_saga.orders.use_cases.shipments import Ship
from contracts import fulfillment, order, shipment
from contracts.order import RefundedUnits
from contracts.sale import LineFulfillment, Sale, SaleLine, Totals
from contracts.shipment import ShippedUnits
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import (
    begin,
    begun,
    line,
    paid,
    recorded,
    set_to,
    status,
    stream,
)

BY_HAND = set_to(fulfillment={"physical_product": "manual"})
REFUND = UUID(int=0xF1)
IDS: Iterator[UUID] = map(UUID, (f"00000000-0000-7000-8000-{it:012x}" for it in count(0xA000)))


def goods(line_id: str, quantity: int = 1, total: int = 1000, tax: int = 0, vendor: str | None = None) -> Any:
    named = LineFulfillment(vendor_id=vendor) if vendor else None
    of = line(line_id, "physical_product", fulfillment=named)
    return of.model_copy(update={"quantity": quantity, "total": total, "tax": tax})


ORDER_A: tuple[SaleLine, ...] = (goods("L1", 3, 5876, 479), goods("L2", 2, 2450, 200), goods("L3", 1, 4499))
"""3 x 19.99, 2 x 12.50 and 1 x 49.99 without tax, 10 % off, 8.875 % tax on top; shipped for 7.99."""
SALE_A = Sale(
    currency="USD",
    lines=ORDER_A,
    totals=Totals(subtotal=13496, discount=1350, shipping=799, tax=750, total=13695),
)


def sent(**quantities: int) -> list[ShippedUnits]:
    return [ShippedUnits(line_id=it, quantity=quantity) for it, quantity in quantities.items()]


def ship(story: Scenario, tracking: Tracking = UNTRACKED, **quantities: int) -> UUID:
    async def act(_: None, work: UnitOfWork) -> None:
        await shipments.ship(Ship(ORDER, shipment_id, sent(**quantities), tracking), work)

    shipment_id = next(IDS)
    story.when(act, None)
    return shipment_id


async def cancel(units: dict[str, int], work: UnitOfWork) -> None:
    left = [RefundedUnits(line_id=it, quantity=quantity) for it, quantity in units.items()]
    await cancel_lines(ORDER, REFUND, left, "sold out", work)


async def complete(line_id: str, work: UnitOfWork) -> None:
    await fulfilling.complete_line(ORDER, line_id, None, work)


def dispatched(story: Scenario, line_id: str) -> int:
    async def read(_: None, work: UnitOfWork) -> int:
        return (await work.open(Fulfillment, fulfillment_id(ORDER, line_id))).dispatched

    return int(story.when(read, None).result)


def test_goods_leave_at_once_in_one_shipment_for_each_vendor() -> None:
    lines = goods("a", 2, vendor="ann"), goods("b", vendor="bob"), goods("c", 3, vendor="ann"), goods("d")
    story = begun(*lines)

    left = recorded(story, shipment.Dispatched)
    assert [(it.vendor_id, it.units) for it in left] == [
        ("ann", tuple(sent(a=2, c=3))),
        ("bob", tuple(sent(b=1))),
        (None, tuple(sent(d=1))),
    ]
    assert {it.customer_id for it in left} == {CUSTOMER}
    (fulfilled,) = recorded(story, order.Fulfilled)
    references = {it.line_id: it.reference for it in fulfilled.results}
    assert references["a"] == references["c"] == str(left[0].originator_id)
    assert [it.units for it in recorded(story, fulfillment.Succeeded)] == [2, 1, 3, 1]
    key = f"{ORDER}/{time_key(NOW)}/{left[1].originator_id}"
    story.then_holds(ORDER_SHIPMENT, key, left[1].originator_id)


def test_a_line_that_the_shop_completes_under_its_own_reference_counts_the_units_of_its_shipment() -> None:
    async def complete_as_parcel_7(line_id: str, work: UnitOfWork) -> None:
        await fulfilling.complete_line(ORDER, line_id, "parcel 7", work)

    story = paid(SALE_A, BY_HAND).when(begin, SALE_A)
    ship(story, L1=1)
    story.when(complete_as_parcel_7, "L1")

    assert [it.units for it in recorded(story, shipment.Dispatched)][-1] == tuple(sent(L1=2))
    (succeeded,) = recorded(story, fulfillment.Succeeded)
    assert (succeeded.reference, succeeded.units) == ("parcel 7", 2)
    assert dispatched(story, "L1") == 3


def test_x40_units_are_dispatched_by_hand_and_the_line_that_cannot_come_is_cancelled() -> None:
    story = paid(SALE_A, BY_HAND).when(begin, SALE_A)
    assert status(story) == OrderStatus.PAID

    ship(story, L1=2)
    assert status(story) == OrderStatus.PARTIALLY_FULFILLED
    ship(story, L1=1, L2=2)
    assert status(story) == OrderStatus.PARTIALLY_FULFILLED
    story.when(cancel, {"L3": 1})
    (asked,) = recorded(story, order.RefundRequested)
    assert (asked.amount, [it.tax for it in asked.allocation]) == (4499, [0])
    assert status(story) == OrderStatus.FULFILLED


def test_no_unit_leaves_twice_and_none_that_was_cancelled_leaves() -> None:
    story = begun(goods("a", 5), others=[BY_HAND])
    ship(story, a=2)
    story.when(cancel, {"a": 1})
    ship(story, a=3)
    story.then_refused(NotFulfillable, line_id="a", units=2)


def test_a_line_whose_rest_is_cancelled_is_handed_over() -> None:
    story = begun(goods("a", 3), others=[BY_HAND])
    ship(story, a=2)
    story.when(cancel, {"a": 1})
    assert status(story) == OrderStatus.FULFILLED
    assert [it.units for it in recorded(story, fulfillment.Succeeded)] == [None]


def test_units_that_have_left_cannot_be_cancelled() -> None:
    story = begun(goods("a", 3), others=[BY_HAND])
    ship(story, a=2)
    story.when(cancel, {"a": 2}).then_refused(OrderNotCancellable, line_id="a", handed_over=2)


def test_a_line_that_is_completed_by_hand_sends_what_is_left_of_it() -> None:
    story = begun(goods("a", 3), others=[BY_HAND])
    ship(story, a=1)
    story.when(complete, "a")
    assert [it.units for it in recorded(story, shipment.Dispatched)] == [tuple(sent(a=1)), tuple(sent(a=2))]
    assert (status(story), dispatched(story, "a")) == (OrderStatus.FULFILLED, 3)


@pytest.mark.parametrize("end", [shipments.fail, shipments.come_back], ids=["lost", "came back"])
def test_units_of_a_shipment_that_was_not_delivered_leave_again(end: Any) -> None:
    async def ended(shipment_id: UUID, work: UnitOfWork) -> None:
        await end(shipment_id, "the door was shut", work)

    story = begun(goods("a", 3), others=[BY_HAND])
    ship(story, a=1)
    second = ship(story, a=2)
    story.when(ended, second)
    assert (status(story), dispatched(story, "a")) == (OrderStatus.FULFILLED, 1)
    story.when(ended, second).then_nothing()

    ship(story, a=2)
    assert dispatched(story, "a") == 3
    ship(story, a=1)
    story.then_refused(NotFulfillable, units=0)


def test_a_lost_shipment_that_turns_up_does_not_free_its_units_twice() -> None:
    async def lost(shipment_id: UUID, work: UnitOfWork) -> None:
        await shipments.fail(shipment_id, None, work)

    async def turned_up(shipment_id: UUID, work: UnitOfWork) -> None:
        await shipments.come_back(shipment_id, None, work)

    story = begun(goods("a", 2), others=[BY_HAND])
    gone = ship(story, a=2)
    story.when(lost, gone).when(turned_up, gone)
    assert dispatched(story, "a") == 0
    assert [it.units for it in recorded(story, fulfillment.UnitsCameBack)] == [2]


def test_what_has_arrived_was_not_lost() -> None:
    async def arrive(shipment_id: UUID, work: UnitOfWork) -> None:
        await shipments.deliver(shipment_id, work)

    async def lose(shipment_id: UUID, work: UnitOfWork) -> None:
        await shipments.fail(shipment_id, None, work)

    story = begun(goods("a"), others=[BY_HAND])
    arrived = ship(story, Tracking("CTT", "RR1", "https://ctt.example/RR1"), a=1)
    story.when(arrive, arrived).when(arrive, arrived).then_nothing()
    story.when(lose, arrived).then_refused(NotFulfillable, shipment_status="delivered")


@pytest.mark.parametrize(
    ("quantities", "refusal"),
    [({"z": 1}, LineNotFound), ({"b": 1}, NotFulfillable)],
    ids=["no such line", "no goods"],
)
def test_only_goods_of_the_order_are_shipped(quantities: dict[str, int], refusal: Any) -> None:
    story = begun(goods("a"), line("b", "service"), others=[BY_HAND])
    ship(story, UNTRACKED, **quantities)
    story.then_refused(refusal)


def test_a_line_of_before_shipments_were_counted_has_nothing_to_ship() -> None:
    story = begun(goods("a"), others=[BY_HAND])
    succeeded = fulfillment.Succeeded(
        originator_id=stream("a"), originator_version=3, timestamp=NOW, attempt=1
    )
    story.world.record(succeeded.model_copy(update={"originator_version": 3}))
    ship(story, a=1)
    story.then_refused(NotFulfillable, units=0)
