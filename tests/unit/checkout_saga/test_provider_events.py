"""An event of a payment provider wakes the calls that it may be about, and changes nothing by itself."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.use_cases.provider_events import Announced, take_event
from checkout_saga.orders.domain.refund import EVERYTHING
from checkout_saga.orders.use_cases.operating import latest_refund_request, record_gateway_check
from checkout_saga.orders.use_cases.refund_requests import MADE_BEFORE, REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome
from contracts import order, payment
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    ORDER,
    PAYMENT,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order

EVENT = Announced("simulated", PAYMENT, "evt_1", "payment.captured", "ref_1")
NOTIFIED = payment.Notified(
    **stamp(PAYMENT), gateway="simulated", event_id="evt_1", event_type="payment.captured", reference="ref_1"
)


def test_a_call_whose_outcome_is_awaited_is_made_again_at_once() -> None:
    story = waiting_at(step_names.CAPTURE).after(seconds=40)
    story = story.when(take_event, EVENT).then_result(True).then(NOTIFIED)
    story.then_timer(Operation.CAPTURE, CHECKOUT, story.now, MADE_BEFORE)
    assert {kind for _, kind in story.work.timers} == {Operation.CAPTURE}


def test_a_void_that_is_awaited_is_made_again_at_once() -> None:
    story = waiting_at(step_names.CAPTURE)
    story = story.when(gateway_answered, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no"))
    story.when(take_event, EVENT).then_timer(Operation.VOID, CHECKOUT, NOW, MADE_BEFORE)


def test_an_event_of_a_settled_payment_is_recorded_and_changes_nothing() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(take_event, EVENT).then(NOTIFIED).then_sent()
    assert story.work.timers == {}


def test_a_repeated_event_changes_the_state_of_nothing() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(take_event, EVENT).when(take_event, EVENT)
    assert story.then(NOTIFIED).work.timers == {}


REFUND = UUID(int=0xE0)


def refunding() -> Scenario:
    """A paid order of which a refund was requested."""
    story = fulfilled_order()

    async def ask(order_id: UUID, work: UnitOfWork) -> None:
        await refund_order(order_id, REFUND, EVERYTHING, "broken", work)

    return story.when(ask, ORDER)


def test_a_refund_that_is_under_way_is_asked_for_again_at_once() -> None:
    story = refunding().after(minutes=3).when(take_event, EVENT).then(NOTIFIED)
    story.then_timer(REFUND_ORDER, REFUND, story.now, MADE_BEFORE | {"order_id": str(ORDER)})


def refunded() -> Scenario:
    async def pay(order_id: UUID, work: UnitOfWork) -> None:
        request = await refund_request(order_id, REFUND, work)
        assert request is not None
        await record_refund(order_id, REFUND, request, Done("re_1", 2000), 0, work)

    return refunding().when(pay, ORDER)


def test_a_refund_that_is_done_is_looked_up_when_the_provider_announces_news_of_it() -> None:
    story = refunded().when(take_event, EVENT._replace(reference="re_1"))
    payload = {"order_id": str(ORDER), "tries": 8, "look": True}
    story.then_timer(REFUND_ORDER, REFUND, NOW, payload)


def test_a_refund_whose_success_the_provider_has_taken_back_has_failed() -> None:
    async def look(known: Outcome, work: UnitOfWork) -> None:
        request = await latest_refund_request(ORDER, REFUND, work)
        assert request is not None
        await record_gateway_check(ORDER, REFUND, request, known, work)

    story = refunded().when(look, Declined("REFUSED", "expired card"))
    reversal, failed = sorted(story.work.facts, key=lambda it: it.TYPE, reverse=True)
    assert isinstance(reversal, payment.RefundReversed) and isinstance(failed, order.RefundFailed)
    assert (reversal.reference, reversal.amount, failed.code) == ("re_1", 2000, "REFUND_REVERSED")
    story.when(look, Declined("REFUSED", "expired card")).then_nothing()
    refunded().when(look, Done("re_1", 2000)).then_nothing()


def test_a_refund_names_the_capture_that_it_refunds() -> None:
    async def reference(order_id: UUID, work: UnitOfWork) -> str | None:
        request = await refund_request(order_id, REFUND, work)
        return request.reference if request else None

    refunding().when(reference, ORDER).then_result("ref")


@pytest.mark.parametrize(
    "event",
    [EVENT._replace(gateway="stripe"), EVENT._replace(payment_id=uuid4())],
    ids=["gateway", "payment"],
)
def test_an_event_about_no_payment_of_this_provider_is_no_event_of_ours(event: Announced) -> None:
    waiting_at(step_names.CAPTURE).when(take_event, event).then_result(False).then_nothing()
