"""Returns: only what has left comes back, in time and once; what came back is refunded to the cent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.orders.domain.errors import LineNotFound, NotRefundable, ReturnNotPossible
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases import returns
from checkout_saga.orders.use_cases.refund_requests import refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.orders.use_cases.returns import ORDER_RETURN, RETURN_EXPIRY
from checkout_saga.payments.domain.operation import Done
from contracts import fulfillment, offer, order, return_
from contracts.offer import Wanted
from contracts.return_ import ReceivedUnits, ReturnedUnits
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CHECKOUT, ORDER
from tests.unit.checkout_saga.fulfillment.orders import RUST, begin, begun, line, paid, recorded, set_to
from tests.unit.checkout_saga.fulfillment.test_shipments import BY_HAND, SALE_A, goods, ship

RETURN, OTHER = UUID(int=0x2E1), UUID(int=0x2E2)


def asking(return_id: UUID = RETURN, **quantities: int) -> Any:
    async def ask(_: None, work: UnitOfWork) -> None:
        units = [
            ReturnedUnits(line_id=it, quantity=quantity, reason_code="defective")
            for it, quantity in quantities.items()
        ]
        await returns.request_return(ORDER, return_id, units, work)

    return ask


async def approve(return_id: UUID, work: UnitOfWork) -> None:
    await returns.approve(return_id, work)


async def reject(return_id: UUID, work: UnitOfWork) -> None:
    await returns.reject(return_id, "worn", work)


async def expire(return_id: UUID, work: UnitOfWork) -> None:
    await returns.expire(return_id, work)


def receiving(*units: tuple[str, int, str], shipping: bool = False) -> Any:
    async def receive(_: None, work: UnitOfWork) -> None:
        received = [ReceivedUnits(line_id=a, quantity=b, condition=c) for a, b, c in units]
        await returns.receive(RETURN, received, work, refund_shipping=shipping)

    return receive


async def refund_one(line_id: str, work: UnitOfWork) -> None:
    selection = RefundSelection(parts=(RefundPart(line_id, 1),))
    await refund_order(ORDER, UUID(int=0xF7), selection, "goodwill", work)


async def gateway_pays(_: None, work: UnitOfWork) -> None:
    found = await returns.find_return(RETURN, work)
    assert found.refund_id is not None
    request = await refund_request(ORDER, found.refund_id, work)
    assert request is not None
    await record_refund(ORDER, found.refund_id, request, Done("ref", request.amount), 0, work)


def sent(**days: int) -> Scenario:
    """Order A, all of whose goods have left."""
    return paid(SALE_A, *([set_to(**days)] if days else [])).when(begin, SALE_A)


def approved(**quantities: int) -> Scenario:
    return sent().when(asking(RETURN, **quantities), None).when(approve, RETURN)


def test_a_unit_that_came_back_is_refunded_and_goes_back_into_stock() -> None:
    story = approved(L1=1)
    story.then_timer(RETURN_EXPIRY, RETURN, NOW + timedelta(days=30))
    story.then_holds(ORDER_RETURN, f"{ORDER}/{time_key(NOW)}/{RETURN}", RETURN)

    story.when(receiving(("L1", 1, "sellable")), None)
    story.then_no_timer(RETURN_EXPIRY, RETURN)
    back = Wanted(product_id=UUID(RUST), quantity=1)
    story.then_sent(offer.ReceiveStock(checkout_id=CHECKOUT, step=f"return:{RETURN}", received=(back,)))
    (asked,) = recorded(story, order.RefundRequested)
    assert [(it.line_id, it.quantity, it.amount, it.tax) for it in asked.allocation] == [("L1", 1, 1959, 160)]
    assert (asked.reason_code, asked.return_id, asked.restock) == ("defective", RETURN, False)
    assert not recorded(story, return_.Closed)

    story.when(gateway_pays, None)
    assert [it.refund_id for it in recorded(story, return_.Closed)] == [asked.refund_id]


def test_damaged_units_are_refunded_and_missing_ones_are_not() -> None:
    units = ("L1", 1, "sellable"), ("L1", 1, "damaged"), ("L1", 1, "missing")
    story = approved(L1=3).when(receiving(*units), None)
    (asked,) = recorded(story, order.RefundRequested)
    assert (asked.amount, asked.allocation[0].quantity) == (1959 + 1959, 2)
    (back,) = [it.command for it in story.work.sent if isinstance(it.command, offer.ReceiveStock)]
    assert [it.quantity for it in back.received] == [1]
    assert [it.returned for it in recorded(story, fulfillment.ReturnEnded)] == [2]

    story.when(asking(OTHER, L1=1), None)
    assert [it.units for it in recorded(story, fulfillment.ReturnOpened)] == [3, 1]


def test_the_shipping_is_refunded_if_the_shop_says_so() -> None:
    story = approved(L2=2).when(receiving(("L2", 2, "damaged"), shipping=True), None)
    (asked,) = recorded(story, order.RefundRequested)
    assert [(it.line_id, it.amount, it.tax) for it in asked.allocation] == [
        ("L2", 2450, 200),
        (None, 870, 71),
    ]
    story.then_sent()


def test_if_nothing_came_back_it_is_closed_without_a_refund() -> None:
    story = approved(L3=1).when(receiving(("L3", 1, "missing")), None)
    assert not recorded(story, order.RefundRequested)
    assert [it.refund_id for it in recorded(story, return_.Closed)] == [None]
    story.then_sent()


@pytest.mark.parametrize("end", [reject, expire], ids=["rejected", "expired"])
def test_units_of_a_return_that_came_to_nothing_can_be_sent_back_by_another(end: Any) -> None:
    story = sent().when(asking(L1=3), None)
    story = story if end is reject else story.when(approve, RETURN).after(days=30)
    story.when(end, RETURN)
    story.at(NOW).when(asking(OTHER, L1=3), None)
    assert len(recorded(story, return_.Requested)) == 2
    story.when(approve, RETURN).then_refused(ReturnNotPossible)


def test_a_return_that_was_received_does_not_expire() -> None:
    story = approved(L1=1).when(receiving(("L1", 1, "damaged")), None)
    story.after(days=31).when(expire, RETURN).then_nothing()


def test_units_on_their_way_back_and_refunded_ones_cannot_be_returned() -> None:
    story = sent().when(asking(L1=1), None).when(refund_one, "L1")
    story.when(asking(OTHER, L1=2), None).then_refused(ReturnNotPossible, line_id="L1", units=1)


def test_units_that_have_not_left_cannot_be_returned() -> None:
    story = begun(goods("a", 3), others=[BY_HAND])
    ship(story, a=1)
    story.when(asking(a=2), None).then_refused(ReturnNotPossible, line_id="a", units=1)


def test_a_unit_that_came_back_leaves_the_units_that_have_not_left_as_they_were() -> None:
    story = begun(goods("a", 3, 3000), others=[BY_HAND])
    ship(story, a=2)
    story.when(asking(a=1), None).when(approve, RETURN)
    story.when(receiving(("a", 1, "damaged")), None).when(gateway_pays, None)
    ship(story, a=1)
    assert recorded(story, order.Fulfilled)


@pytest.mark.parametrize(("days", "later", "possible"), [(30, 30, True), (30, 31, False), (0, 1, False)])
def test_the_shop_says_how_long_goods_may_be_sent_back(days: int, later: int, possible: bool) -> None:
    story = sent(return_days=days).after(days=later).when(asking(L1=1), None)
    if possible:
        assert recorded(story, return_.Requested)
    else:
        story.then_refused(ReturnNotPossible, line_id="L1")


def test_more_than_was_announced_is_not_received() -> None:
    story = approved(L1=1)
    units = ("L1", 1, "sellable"), ("L1", 1, "damaged")
    story.when(receiving(*units), None).then_refused(ReturnNotPossible, line_id="L1", units=1)


def test_what_was_refunded_meanwhile_is_not_refunded_again() -> None:
    story = approved(L3=1).when(refund_one, "L3").when(receiving(("L3", 1, "sellable")), None)
    story.then_refused(NotRefundable, line_id="L3")


@pytest.mark.parametrize(
    ("line_id", "refusal"), [("z", LineNotFound), ("b", ReturnNotPossible)], ids=["no line", "no goods"]
)
def test_only_goods_of_the_order_come_back(line_id: str, refusal: Any) -> None:
    story = begun(goods("a"), line("b", "service")).when(asking(RETURN, **{line_id: 1}), None)
    story.then_refused(refusal)
