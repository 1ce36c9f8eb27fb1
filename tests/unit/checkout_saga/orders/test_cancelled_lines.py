"""Units that have not been handed over can be cancelled: refunded, and put back into stock at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

import pytest
from pydantic import ValidationError

from checkout_saga.checkout.domain import step_names
from checkout_saga.orders.domain import line_cancellation
from checkout_saga.orders.domain.errors import OrderNotCancellable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.schemas.requests import Cancellation
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER
from checkout_saga.orders.use_cases.refunds import cancel_lines, cancel_order
from checkout_saga.payments.domain.operation import Declined, Done
from contracts import offer, order
from contracts.envelope import Fact
from contracts.offer import Wanted
from contracts.sale import Sale, Totals
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import (
    BOOK,
    CHECKOUT,
    LINES,
    ORDER,
    PEN,
    SALE,
    history_until,
    order_fields,
)
from tests.unit.checkout_saga.orders.test_refund_examples import order_a
from tests.unit.checkout_saga.orders.test_refunds_of_orders import asked, fulfilled_order, settle
from tests.unit.checkout_saga.orders.test_refunds_that_are_paid_twice import order_of

FIRST, SECOND = UUID(int=0xC1), UUID(int=0xC2)
A_IS_HERE = {"a": "successful", "b": "pending", "c": "pending"}
"""Of line a 2 pens for 400, of b a book for 1000, of c 3 pens for 600."""


def some_handed_over(results: Mapping[str, str] = A_IS_HERE, sale: Sale = SALE) -> Scenario:
    lines = tuple(order.LineResult(line_id=it, result=how) for it, how in results.items())
    fact = order.PartiallyFulfilled(**order_fields(), results=lines)
    return given(*history_until(step_names.COMPLETE, sale), fact)


async def cancel(refund_id: UUID, work: UnitOfWork, units: Mapping[str, int]) -> Order:
    lines = tuple(order.RefundedUnits(line_id=it, quantity=units[it]) for it in units)
    return await cancel_lines(ORDER, refund_id, lines, "not available", work)


async def cancel_all(refund_id: UUID, work: UnitOfWork) -> Order:
    return await cancel_order(ORDER, refund_id, "never sent", work)


def types(story: Scenario) -> list[str]:
    return [it.TYPE for it in story.work.facts]


def of_type(story: Scenario, kind: type[Fact]) -> Fact:
    (found,) = (it for it in story.work.facts if isinstance(it, kind))
    return found


def back(refund_id: UUID, **units: int) -> offer.ReceiveStock:
    by_product = {"book": BOOK, "pen": PEN}
    received = tuple(Wanted(product_id=by_product[it], quantity=units[it]) for it in sorted(units))
    return offer.ReceiveStock(checkout_id=CHECKOUT, step=f"cancel:{refund_id}", received=received)


def test_cancelled_units_are_refunded_by_units_and_go_back_into_stock() -> None:
    story = some_handed_over().when(cancel, FIRST, {"c": 2})
    assert types(story) == ["order.lines_cancelled", "order.refund_requested"]
    requested = of_type(story, order.RefundRequested)
    assert isinstance(requested, order.RefundRequested)
    assert (requested.refund_id, requested.amount) == (FIRST, 400)
    assert [(it.line_id, it.quantity, it.amount) for it in requested.allocation] == [("c", 2, 400)]
    story.then_sent(back(FIRST, pen=2)).then_timer(REFUND_ORDER, FIRST, NOW)
    it = order_of(story)
    assert (it.status, it.open_units("c"), it.open_units("b")) == ("partially_fulfilled", 1, 1)
    assert {r.line_id: r.result for r in it.results} == A_IS_HERE


def test_x40_the_order_is_fulfilled_once_what_is_left_of_it_is_cancelled() -> None:
    it = order_a().order
    results = {"L1": "successful", "L2": "successful", "L3": "pending"}
    lines = tuple(order.LineResult(line_id=line, result=how) for line, how in results.items())
    it.record(order.PartiallyFulfilled(results=lines))
    units = (order.RefundedUnits(line_id="L3", quantity=1),)
    line_cancellation.cancel_lines(it, FIRST, units, "not available")
    (share,) = it.refunds[FIRST].allocation
    assert (share.line_id, share.amount, share.tax) == ("L3", 4499, 0)
    assert it.status == "fulfilled"
    assert (it.handed_over("L3"), it.open_units("L3")) == (0, 0)


def test_an_order_of_which_nothing_was_handed_over_is_not_fulfilled_by_a_cancellation() -> None:
    story = some_handed_over(dict.fromkeys("abc", "pending")).when(cancel, FIRST, {"a": 2, "b": 1, "c": 3})
    assert "order.fulfilled" not in types(story)
    story.when(settle, FIRST, Done("ref", 2000))
    assert order_of(story).status == "refunded"


def test_units_of_several_lines_of_one_product_go_back_together() -> None:
    two_pens_each = LINES[2].model_copy(update={"units": 2})
    sale = SALE.model_copy(update={"lines": (*LINES[:2], two_pens_each)})
    story = some_handed_over(dict.fromkeys("abc", "pending"), sale).when(cancel, FIRST, {"a": 1, "c": 3})
    story.then_sent(back(FIRST, pen=1 + 3 * 2))


@pytest.mark.parametrize(
    ("units", "line_id", "handed_over"), [({"a": 1}, "a", 2), ({"c": 4}, "c", 0), ({"z": 1}, "z", 0)]
)
def test_units_that_were_handed_over_and_unknown_ones_cannot_be_cancelled(
    units: dict[str, int], line_id: str, handed_over: int
) -> None:
    story = some_handed_over().when(cancel, FIRST, units)
    story.then_refused(OrderNotCancellable, line_id=line_id, handed_over=handed_over)


def test_a_refusal_of_one_line_cancels_none() -> None:
    some_handed_over().when(cancel, FIRST, {"b": 1, "a": 1}).then_refused(OrderNotCancellable)


@pytest.mark.parametrize("second", [{"c": 2}, {"c": 1, "b": 1}])
def test_a_unit_is_cancelled_once(second: dict[str, int]) -> None:
    story = some_handed_over().when(cancel, FIRST, {"c": 2, "b": 1})
    story.when(cancel, SECOND, second).then_refused(OrderNotCancellable, handed_over=0)


def test_refunded_units_cannot_be_cancelled_as_well() -> None:
    story = some_handed_over().when(asked, FIRST, None, 2).when(cancel, SECOND, {"c": 2})
    story.then_refused(OrderNotCancellable, line_id="c")


def test_a_cancelled_unit_stays_cancelled_if_its_refund_fails_and_can_be_refunded_again() -> None:
    story = some_handed_over().when(cancel, FIRST, {"c": 3}).when(settle, FIRST, Declined("NO", "no"))
    assert order_of(story).open_units("c") == 0
    story.when(asked, SECOND, None, 3)
    requested = of_type(story, order.RefundRequested)
    assert isinstance(requested, order.RefundRequested)
    assert requested.amount == 600
    story.then_sent()


def test_free_units_are_cancelled_without_a_refund() -> None:
    free = LINES[1].model_copy(update={"unit_price": 0, "total": 0})
    totals = Totals(subtotal=1000, discount=0, shipping=0, tax=0, total=1000)
    sale = SALE.model_copy(update={"lines": (LINES[0], free, LINES[2]), "totals": totals})
    story = some_handed_over(sale=sale).when(cancel, FIRST, {"b": 1})
    assert types(story) == ["order.lines_cancelled"]
    story.then_sent(back(FIRST, book=1))
    assert not order_of(story).refunds


def test_only_an_order_that_stands_has_lines_to_cancel() -> None:
    fulfilled_order().when(cancel, FIRST, {"a": 1}).then_refused(OrderNotCancellable, handed_over=2)
    story = some_handed_over().when(cancel_all, FIRST)
    story.when(cancel, SECOND, {"b": 1}).then_refused(OrderNotCancellable, order_status="cancelled")


@pytest.mark.parametrize(
    "lines", [[], [{"line_id": "a", "quantity": 0}], 2 * [{"line_id": "a", "quantity": 1}]]
)
def test_a_request_names_each_line_once_with_some_units(lines: object) -> None:
    Cancellation.model_validate_json('{"reason": "r", "lines": [{"line_id": "a", "quantity": 1}]}')
    with pytest.raises(ValidationError):
        Cancellation.model_validate_json(json.dumps({"reason": "r", "lines": lines}))
