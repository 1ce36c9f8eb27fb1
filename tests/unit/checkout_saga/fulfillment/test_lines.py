"""Lines of orders: granted at once or by hand, tried again by an operator, taken back with their units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.fulfillment.domain.results import Failed, Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.fulfillment.use_cases import defaults
from checkout_saga.fulfillment.use_cases.enrolling import ENROLLMENT, enroll
from checkout_saga.fulfillment.use_cases.handing_over import LINE_NEEDING_ATTENTION
from checkout_saga.orders.domain.errors import LineNotFound, NotFulfillable
from checkout_saga.orders.domain.order_state import OrderStatus
from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection
from checkout_saga.orders.use_cases import fulfilling
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import cancel_order, record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Done, Outcome
from checkout_saga.shop_settings.domain import MANUAL, REFUND, ShopSettings
from checkout_saga.shop_settings.use_cases import change_settings
from contracts import enrollment, fulfillment, order
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import CUSTOMER_STREAM, ORDER, history_until
from tests.unit.checkout_saga.fulfillment.orders import (
    OTHER_ORDER,
    PYTHON,
    RUST,
    SQL,
    begin,
    begun,
    bundle,
    course,
    courses,
    enrolled,
    last_types,
    line,
    paid,
    recorded,
    result,
    sale,
    set_to,
    status,
    stream,
)

FIRST = UUID(int=0xF1)
BY_HAND = {"fulfillment": {"course": MANUAL, "service": MANUAL, "physical_product": MANUAL}}


async def complete(line_id: str, work: UnitOfWork, reference: str | None = None) -> None:
    await fulfilling.complete_line(ORDER, line_id, reference, work)


async def begin_again(line_id: str, work: UnitOfWork) -> None:
    await fulfilling.fulfill_line(ORDER, line_id, "the school is open", work)


async def asked(selection: RefundSelection, work: UnitOfWork) -> None:
    await refund_order(ORDER, FIRST, selection, "came back", work)


async def answered(outcome: Outcome, work: UnitOfWork) -> None:
    request = await refund_request(ORDER, FIRST, work)
    assert request is not None
    await record_refund(ORDER, FIRST, request, outcome, 0, work)


async def called_off(reason: str, work: UnitOfWork) -> None:
    await cancel_order(ORDER, FIRST, reason, work)


def of_line(line_id: str) -> RefundSelection:
    return RefundSelection(parts=(RefundPart(line_id, 1),))


def refunded(story: Scenario, selection: RefundSelection, amount: int) -> Scenario:
    return story.when(asked, selection).when(answered, Done("ref", amount))


def test_every_line_is_handed_over_in_the_save_that_asks_for_it() -> None:
    story = begun(course("a", SQL), bundle("b", SQL, PYTHON), line("c", "service"), line("d", "physical"))

    (fulfilled,) = recorded(story, order.Fulfilled)
    assert fulfilled.results == tuple(result(it, "successful") for it in "abcd")
    assert courses(story) == [SQL, PYTHON]
    assert not story.work.timers
    story.then_holds(ENROLLMENT, f"{CUSTOMER_STREAM}/{SQL}", enrolled(SQL).originator_id)


def test_a_course_that_the_customer_has_fails_and_one_of_a_bundle_counts_as_done() -> None:
    has = enrolled(SQL, OTHER_ORDER)
    story = begun(course("a", SQL), others=[has])
    (failed,) = recorded(story, order.FulfillmentFailed)
    assert failed.results == (result("a", "failed", "ALREADY_ENROLLED"),)
    assert [it.final for it in recorded(story, fulfillment.Failed)] == [True]
    assert status(story) == OrderStatus.FAILED

    story = begun(bundle("a", SQL, PYTHON), others=[has])
    assert courses(story) == [SQL, PYTHON] and "order.fulfilled" in last_types(story)


def test_lines_by_hand_are_pending_until_they_are_completed_one_by_one() -> None:
    story = begun(
        course("a", SQL), line("b", "service"), line("c", "digital_product"), others=[set_to(**BY_HAND)]
    )
    assert "order.partially_fulfilled" in last_types(story) and not courses(story)

    story.when(complete, "a")
    assert courses(story) == [SQL] and "order.partially_fulfilled" in last_types(story)
    story.when(complete, "b", "visit 7")
    (fulfilled,) = recorded(story, order.Fulfilled)
    assert fulfilled.results[1] == result("b", "successful", reference="visit 7")
    story.when(complete, "b").then_refused(NotFulfillable, line_id="b", result="successful")


def test_an_order_whose_lines_are_all_pending_counts_as_paid_and_can_be_cancelled() -> None:
    story = begun(line("a", "service"), others=[set_to(**BY_HAND)])
    assert "order.fulfillment_pending" in last_types(story) and status(story) == OrderStatus.PAID

    story.when(called_off, "no time")

    assert {"order.cancelled", "fulfillment.revoked"} <= last_types(story)
    story.when(complete, "a").then_refused(NotFulfillable, order_status="cancelled")


def test_an_operator_begins_again_where_the_reason_of_the_failure_is_gone() -> None:
    story = begun(course("a", SQL), others=[enrolled(SQL, OTHER_ORDER)])
    listed = LINE_NEEDING_ATTENTION, f"{time_key(NOW)}/{stream('a')}"
    story.then_holds(*listed, stream("a"))
    story.when(begin_again, "a")
    assert recorded(story, fulfillment.Requested)[-1].operator == "tester"
    assert not [it for it in last_types(story) if it.startswith("order.")], "nothing has changed"

    async def leave(_: None, work: UnitOfWork) -> None:
        delivery = Delivery(OTHER_ORDER, "a", "shopper/7", "course", (SQL,))
        await defaults.fulfiller_of(delivery).revoke(delivery, work)

    story.when(leave, None).when(begin_again, "a")
    assert {"order.fulfilled", "enrollment.granted"} <= last_types(story)
    story.then_holds(*listed, None)
    story.when(begin_again, "a").then_refused(NotFulfillable, result="successful")


def test_a_line_that_the_order_does_not_have_is_not_found() -> None:
    begun(course("a", SQL)).when(complete, "z").then_refused(LineNotFound)
    begun(course("a", SQL)).when(begin_again, "z").then_refused(LineNotFound)


def test_a_refund_of_the_unit_takes_the_course_back_when_it_is_paid() -> None:
    story = begun(course("a", SQL), course("b", PYTHON)).when(asked, of_line("a"))
    assert not recorded(story, enrollment.Revoked)

    story.when(answered, Done("ref", 1000))

    assert courses(story, enrollment.Revoked) == [SQL]
    assert [it.originator_id for it in recorded(story, fulfillment.Revoked)] == [stream("a")]
    story.then_holds(ENROLLMENT, f"{CUSTOMER_STREAM}/{SQL}", None)
    assert status(story) == OrderStatus.FULFILLED


@pytest.mark.parametrize(
    ("selection", "outcome"),
    [(of_line("a"), Declined("NO", "no")), (RefundSelection(1000), Done("ref", 1000))],
)
def test_a_refused_refund_and_one_by_amount_take_nothing_back(
    selection: RefundSelection, outcome: Outcome
) -> None:
    story = begun(course("a", SQL), course("b", PYTHON)).when(asked, selection).when(answered, outcome)
    assert not recorded(story, enrollment.Revoked)


def test_a_cancelled_order_gives_back_what_it_has_granted_and_no_more() -> None:
    story = begun(bundle("a", SQL, PYTHON), course("b", RUST), others=[enrolled(SQL, OTHER_ORDER)])
    story.when(called_off, "not sent")
    assert sorted(courses(story, enrollment.Revoked)) == sorted([PYTHON, RUST])


def test_a_course_that_was_taken_back_can_be_bought_again() -> None:
    story = refunded(begun(course("a", SQL)), EVERYTHING, 1000)
    again = Delivery(OTHER_ORDER, "x", "shopper/7", "course", (SQL,))

    async def buy(_: None, work: UnitOfWork) -> Result:
        return await defaults.fulfiller_of(again).perform(again, work)

    story.when(buy, None).then_result(Fulfilled())


def test_an_order_that_was_handed_over_before_lines_had_streams_is_refunded_and_cancelled_as_ever() -> None:
    sold = sale(course("a", SQL))
    done = order.Fulfilled(results=(result("a", "successful"),))
    done.stamp(ORDER, 3)
    story = given(*history_until(step_names.COMPLETE, sold), done)
    assert last_types(refunded(story, EVERYTHING, 1000)) == {"order.refunded", "payment.refunded"}


def test_a_line_that_failed_is_refunded_where_the_shop_wants_that() -> None:
    others = [set_to(on_fulfillment_failure=REFUND), enrolled(SQL, OTHER_ORDER)]
    story = begun(course("a", SQL), course("b", PYTHON), others=others)

    (refund,) = recorded(story, order.RefundRequested)
    assert (refund.amount, [it.line_id for it in refund.allocation]) == (1000, ["a"])
    assert [kind for _, kind in story.work.timers] == [REFUND_ORDER]
    story.when(begin_again, "a").then_refused(NotFulfillable, line_id="a")


def test_a_line_of_which_a_part_was_handed_over_is_left_to_an_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def closed_for_sql(course_id: str, delivery: Delivery, work: UnitOfWork) -> Result:
        closed = Failed("CLOSED", "no", retriable=False)
        return closed if course_id == SQL else await enroll(course_id, delivery, work)

    school = defaults.Courses(closed_for_sql, accepts_held=True)
    monkeypatch.setitem(defaults.FULFILLERS, "bundle", school)
    story = begun(bundle("a", SQL, PYTHON), others=[set_to(on_fulfillment_failure=REFUND)])
    assert [it.partly for it in recorded(story, fulfillment.Failed)] == [True]
    assert not recorded(story, order.RefundRequested)


def test_a_refund_of_all_that_was_paid_ends_the_tries_of_units_that_cost_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(course_id: str, delivery: Delivery, work: UnitOfWork) -> Result:
        return Failed("SCHOOL_BUSY", f"Not {course_id} of {delivery.order_id} at {work.now}.", retriable=True)

    async def give_first_results(_: None, work: UnitOfWork) -> None:
        await fulfilling.settle(ORDER, work, at_the_latest=True)

    monkeypatch.setitem(defaults.FULFILLERS, "bundle", defaults.Courses(busy, accepts_held=True))
    one_is_free = {"quantity": 2, "unit_price": 1, "discount": 1, "total": 1}
    story = begun(bundle("a", SQL).model_copy(update=one_is_free)).when(give_first_results, None)

    refunded(story, of_line("a"), 1)

    assert status(story) == OrderStatus.REFUNDED
    assert [it.originator_id for it in recorded(story, fulfillment.Revoked)] == [stream("a")]


def test_a_course_is_the_same_however_its_id_is_written_in_a_bundle() -> None:
    story = begun(course("a", RUST), bundle("b", RUST.upper(), RUST, "OTHER"), others=[])
    assert courses(story) == [RUST, "OTHER"]


def test_asking_twice_hands_over_once() -> None:
    sold = sale(course("a", SQL), line("b", "service"))
    paid(sold).when(begin, sold).when(begin, sold).then_nothing()


def test_a_pending_line_that_was_refunded_no_longer_keeps_the_order_from_being_fulfilled() -> None:
    lines = line("a", "service"), course("b", SQL), line("c", "digital_product")
    story = begun(*lines, others=[set_to(**BY_HAND)])
    story = refunded(story, of_line("a"), 1000).when(complete, "b")
    assert "order.fulfilled" in last_types(story)
    story.when(complete, "a").then_refused(NotFulfillable, line_id="a")


@pytest.mark.parametrize("changed", [{"on_fulfillment_failure": REFUND}, BY_HAND])
def test_settings_are_replaced_as_a_whole_and_recorded_only_if_they_change(changed: dict[str, Any]) -> None:
    story = given().when(change_settings, ShopSettings()).then_nothing()
    story.when(change_settings, ShopSettings(**changed)).then(set_to(**changed))
    story.when(change_settings, ShopSettings(**changed)).then_nothing()
    story.when(change_settings, ShopSettings()).then(set_to())
