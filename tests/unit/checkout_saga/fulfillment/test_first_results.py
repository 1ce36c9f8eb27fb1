"""The step that hands an order over ends with the first results of its lines, and never hangs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.first_results import FULFILLMENT_LIMIT
from checkout_saga.checkout.use_cases import fulfilling
from checkout_saga.checkout.use_cases.operating import compensate_saga, retry_saga
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.fulfillment.domain.results import Failed, Result, Unknown
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.fulfillment.use_cases import defaults
from checkout_saga.fulfillment.use_cases.defaults import Courses
from checkout_saga.fulfillment.use_cases.enrolling import enroll
from checkout_saga.fulfillment.use_cases.handing_over import FULFILL, LINE_NEEDING_ATTENTION
from contracts import checkout, enrollment, fulfillment, order
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CHECKOUT, ORDER
from tests.unit.checkout_saga.fulfillment.orders import (
    PYTHON,
    SQL,
    THREE,
    bundle,
    confirmed,
    course,
    courses,
    last_types,
    line,
    recorded,
    result,
    sale,
    stream,
)

BUSY = Failed("SCHOOL_BUSY", "Later.", retriable=True)


class School:
    """Enrolls, but for one course only from its n-th call on; till then it has another answer."""

    def __init__(self, course_id: str, from_call: int, before: Result = BUSY) -> None:
        self.course_id, self.from_call, self.before = course_id, from_call, before
        self.calls = 0

    async def enroll(self, course_id: str, delivery: Delivery, work: UnitOfWork) -> Result:
        if course_id == self.course_id:
            self.calls += 1
            if self.calls < self.from_call:
                return self.before
        return await enroll(course_id, delivery, work)


def teaches(monkeypatch: pytest.MonkeyPatch, school: School) -> None:
    monkeypatch.setitem(defaults.FULFILLERS, "bundle", Courses(school.enroll, accepts_held=True))


async def next_try(line_id: str, work: UnitOfWork, *, is_unknown: bool = False) -> None:
    await fulfilling.on_next_try(ORDER, line_id, work, is_unknown=is_unknown)


async def looked_up(line_id: str, work: UnitOfWork) -> None:
    await next_try(line_id, work, is_unknown=True)


def results_of_step(story: Scenario) -> dict[str, str]:
    (done,) = [
        it for fact in recorded(story, checkout.Advanced) for it in fact.done if it.step == step_names.FULFILL
    ]
    return dict(done.data["results"])


def test_x42_a_bundle_whose_second_course_is_granted_by_the_fourth_try_ends_the_step_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, school := School(PYTHON, from_call=4))

    story = confirmed(sale(bundle("a", *THREE)))

    for seconds, after in ((0, 1), (1, 3), (3, 7)):
        if seconds:
            story.at(NOW + timedelta(seconds=seconds)).when(next_try, "a")
        story.then_timer(FULFILL, stream("a"), NOW + timedelta(seconds=after))
        assert not recorded(story, order.Fulfilled) and not recorded(story, checkout.Completed)
    story.at(NOW + timedelta(seconds=7)).when(next_try, "a")

    assert school.calls == 4
    assert [it.results for it in recorded(story, order.Fulfilled)] == [(result("a", "successful"),)]
    assert results_of_step(story) == {"a": "successful"}
    assert "checkout.completed" in last_types(story)
    story.then_no_timer(FULFILLMENT_LIMIT, CHECKOUT)
    assert sorted(courses(story)) == sorted(THREE)
    assert [it.attempt for it in recorded(story, fulfillment.Requested)] == [1, 2, 3, 4]


def test_a_line_without_a_result_after_ten_seconds_is_pending_and_counts_when_it_succeeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, School(SQL, from_call=3))
    story = confirmed(sale(bundle("a", *THREE), line("b", "service")))
    limit = NOW + timedelta(seconds=10)
    story.then_timer(FULFILLMENT_LIMIT, CHECKOUT, limit)

    story.at(limit).when(fulfilling.on_limit, CHECKOUT)

    assert results_of_step(story) == {"a": "pending", "b": "successful"}
    assert {"order.partially_fulfilled", "checkout.completed"} <= last_types(story)
    story.when(next_try, "a").then_timer(FULFILL, stream("a"), limit + timedelta(seconds=2))
    assert not last_types(story) & {"order.partially_fulfilled", "order.fulfilled"}
    story.when(next_try, "a")
    assert "order.fulfilled" in last_types(story)
    story.when(fulfilling.on_limit, CHECKOUT).then_nothing()


def test_an_unknown_result_is_looked_up_and_after_all_tries_asked_for_every_twelve_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, School(SQL, from_call=12, before=Unknown()))
    story = confirmed(sale(bundle("a", *THREE)))
    story.then_timer(FULFILL, stream("a"), NOW + timedelta(seconds=1))
    story.when(fulfilling.on_limit, CHECKOUT)
    assert "order.fulfillment_pending" in last_types(story)

    for _ in range(10):
        story.when(looked_up, "a")

    story.then_timer(FULFILL, stream("a"), NOW + timedelta(hours=12))
    listed = LINE_NEEDING_ATTENTION, f"{time_key(NOW)}/{stream('a')}"
    story.then_holds(*listed, stream("a"))
    story.when(looked_up, "a")
    assert "order.fulfilled" in last_types(story)
    story.then_holds(*listed, None)


def test_tries_are_made_at_the_named_times_and_then_the_line_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, school := School(SQL, from_call=99))
    story, pauses = confirmed(sale(bundle("a", SQL))), []
    while timer := story.work.timers.get((stream("a"), FULFILL)):
        pauses.append(timer.due_at - story.now)
        story.at(timer.due_at)
        if story.now >= NOW + timedelta(seconds=10) and not recorded(story, checkout.Completed):
            story.when(fulfilling.on_limit, CHECKOUT)
        story.when(next_try, "a")

    minute, hour = 60, 3600
    assert [it.total_seconds() for it in pauses] == [
        *(1, 2, 4, minute, 5 * minute, 30 * minute, 2 * hour, 12 * hour)
    ]
    assert school.calls == 9
    assert [it.final for it in recorded(story, fulfillment.Failed)] == [False] * 8 + [True]
    (failed,) = recorded(story, order.FulfillmentFailed)
    assert failed.results == (result("a", "failed", "SCHOOL_BUSY"),)


def test_a_course_that_the_customer_has_does_not_hold_the_checkout_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = confirmed(sale(course("a", SQL), course("b", SQL)))

    assert results_of_step(story) == {"a": "successful", "b": "failed"}
    (partly,) = recorded(story, order.PartiallyFulfilled)
    assert partly.results == (result("a", "successful"), result("b", "failed", "ALREADY_ENROLLED"))
    assert "checkout.completed" in last_types(story)
    assert not [kind for _, kind in story.work.timers if kind in {FULFILL, FULFILLMENT_LIMIT}]


def test_a_checkout_that_an_operator_cancels_meanwhile_takes_back_what_was_granted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, School(PYTHON, from_call=9))
    story = confirmed(sale(bundle("a", *THREE), course("b", PYTHON)))

    async def give_up(reason: str, work: UnitOfWork) -> None:
        await compensate_saga(CHECKOUT, work, reason, refund=True)

    story.when(give_up, "asked to").then_no_timer(FULFILL, stream("a"))

    assert sorted(courses(story, enrollment.Revoked)) == sorted(THREE)
    story.when(next_try, "a").then_nothing()
    story.when(fulfilling.on_limit, CHECKOUT).then_nothing()


def test_repeating_the_step_asks_again_for_nothing_and_keeps_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teaches(monkeypatch, school := School(PYTHON, from_call=2))
    story = confirmed(sale(bundle("a", *THREE)))

    async def retry(reason: str, work: UnitOfWork) -> None:
        await retry_saga(CHECKOUT, work, reason)

    async def resume(_: None, work: UnitOfWork) -> None:
        await resume_checkout(await work.open(Checkout, CHECKOUT), work)

    for again, given in ((retry, "why"), (resume, None)):
        story.world.claims.clear()  # recovered facts come without them
        story.at(NOW + timedelta(seconds=5)).when(again, given)
        story.then_timer(FULFILLMENT_LIMIT, CHECKOUT, NOW + timedelta(seconds=10))
        assert school.calls == 1
    story.when(next_try, "a")
    assert "checkout.completed" in last_types(story)
