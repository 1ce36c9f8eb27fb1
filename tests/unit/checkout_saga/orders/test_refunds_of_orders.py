"""Refunds of an order add up, also after a declined one."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.orders.domain.errors import NotRefundable
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import cancel_order, record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Done, Outcome
from contracts import order
from contracts.sale import Sale, Totals
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import LINES, ORDER, RESULTS, SALE, history_until, order_fields

FIRST, SECOND, THIRD = UUID(int=0xF1), UUID(int=0xF2), UUID(int=0xF3)
THREE_FOR_TEN = SALE.model_copy(
    update={
        "lines": (LINES[2].model_copy(update={"quantity": 3, "total": 1000}),),
        "totals": Totals(subtotal=1000, discount=0, shipping=0, tax=0, total=1000),
    }
)


def fulfilled_order(sale: Sale = SALE) -> Scenario:
    return given(
        *history_until(step_names.COMPLETE, sale), order.Fulfilled(**order_fields(), results=RESULTS)
    )


async def asked(refund_id: UUID, work: UnitOfWork, amount: int | None = None, units: int = 0) -> None:
    parts = (RefundPart("c", units),) if units else ()
    await refund_order(ORDER, refund_id, RefundSelection(amount, parts), "came back", work)


async def called_off(refund_id: UUID, work: UnitOfWork) -> None:
    await cancel_order(ORDER, refund_id, "never sent", work)


async def settle(refund_id: UUID, work: UnitOfWork, outcome: Outcome) -> None:
    request = await refund_request(ORDER, refund_id, work)
    assert request is not None
    await record_refund(ORDER, refund_id, request, outcome, 0, work)


def amounts(story: Scenario) -> list[int]:
    return [it.amount for it in story.work.facts if isinstance(it, order.RefundRequested)]


def test_units_whose_price_does_not_divide_add_up_also_where_the_first_of_them_was_declined() -> None:
    story = fulfilled_order(THREE_FOR_TEN)
    given_back = []
    for refund_id, units in ((FIRST, 1), (SECOND, 1)):
        given_back += amounts(story.when(asked, refund_id, None, units))
    assert given_back == [334, 333]
    story.when(settle, FIRST, Declined("NO", "no")).when(settle, SECOND, Done("ref", 333))
    assert amounts(story.when(asked, THIRD, None, 2)) == [667]


def test_a_cancelled_order_whose_refund_was_refused_can_be_refunded_again() -> None:
    story = fulfilled_order().when(called_off, FIRST).when(settle, FIRST, Declined("NO", "no"))
    assert amounts(story.when(asked, SECOND)) == [2000]
    story.then_timer(REFUND_ORDER, SECOND, NOW)
    story.when(settle, SECOND, Done("ref", 2000))
    story.when(asked, THIRD, 1).then_refused(NotRefundable, refundable=0, order_status="cancelled")


def test_an_unfulfilled_order_cannot_be_refunded() -> None:
    story = given(*history_until(step_names.COMPLETE)).when(asked, FIRST, 1)
    story.then_refused(NotRefundable, refundable=0)
