"""A refund that the gateway takes, to decide later, is looked at more and more rarely until it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from checkout_saga.orders.domain.refund_looks import next_look
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER
from checkout_saga.payments.domain.operation import ActionNeeded
from contracts import order
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import ORDER
from tests.unit.checkout_saga.orders.test_refunds_that_do_not_end import (
    BACK,
    NO,
    REFUND,
    SILENCE,
    asked,
    retry,
    settle,
    status,
)

LATER = ActionNeeded("re_1", kind="wait")
MONTH = timedelta(days=30)
TAKEN = order.RefundPending(**stamp(ORDER), refund_id=REFUND, reference="re_1")
UNDECIDED = order.RefundStuck(**stamp(ORDER), refund_id=REFUND, code="REFUND_UNDECIDED", tries=2)


def taken() -> Scenario:
    return asked().when(settle, REFUND, LATER)


def due(story: Scenario) -> datetime:
    return (story.work.timers[REFUND, REFUND_ORDER] or pytest.fail()).due_at


def test_a_refund_that_is_taken_is_looked_at_after_1_and_10_minutes_an_hour_and_then_every_6_hours() -> None:
    story = taken().then(TAKEN)
    looks = [due(story)]
    while len(looks) < 6:
        story.at(looks[-1]).when(settle, REFUND, LATER, 1).then()
        looks.append(due(story))
    pauses = [after - before for before, after in zip([NOW, *looks], looks, strict=False)]
    minutes = timedelta(minutes=1)
    assert pauses == [minutes, 10 * minutes, 60 * minutes, *[360 * minutes] * 3]
    assert status(story) == "pending"
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)


def test_after_a_downtime_one_look_is_due_and_the_plan_goes_on() -> None:
    hours = timedelta(hours=1)
    last = NOW + timedelta(minutes=71)
    assert next_look(NOW, NOW + timedelta(minutes=30)) == last
    assert next_look(NOW, last) == last + 6 * hours
    assert next_look(NOW, last + 100 * hours) == last + 102 * hours


def test_after_30_days_an_operator_is_called_once_and_the_looks_go_on() -> None:
    story = taken().at(NOW + MONTH - timedelta(seconds=1)).when(settle, REFUND, LATER, 1).then()
    story.at(NOW + MONTH).when(settle, REFUND, LATER, 1).then(UNDECIDED)
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    assert NOW + MONTH < due(story) <= NOW + MONTH + timedelta(hours=6)
    story.at(due(story)).when(settle, REFUND, LATER, 1).then()
    assert status(story) == "needs_operator"
    story.when(settle, REFUND, BACK, 1).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    assert status(story) == "refunded"


def test_a_refund_that_is_taken_ends_by_the_gateways_decision() -> None:
    story = taken().when(settle, REFUND, BACK, 1).then_no_timer(REFUND_ORDER, REFUND)
    assert status(story) == "refunded"
    story = taken().when(settle, REFUND, NO, 1).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    assert status(story) == "failed"


def test_a_stuck_refund_that_the_gateway_turns_out_to_have_taken_needs_no_operator() -> None:
    story = asked().when(settle, REFUND, SILENCE, 7)
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    story.when(settle, REFUND, LATER, 8).then(TAKEN)
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)


def test_silence_about_a_refund_that_was_taken_is_silence_like_any_other() -> None:
    story = taken().when(settle, REFUND, SILENCE, 6).then()
    story.when(settle, REFUND, SILENCE, 7)
    (stuck,) = story.work.facts
    assert isinstance(stuck, order.RefundStuck) and stuck.code == "PAYMENT_OUTCOME_UNKNOWN"


def test_a_new_request_has_30_days_of_its_own() -> None:
    story = taken().when(settle, REFUND, NO, 1).at(NOW + MONTH).when(retry, REFUND)
    story.when(settle, REFUND, LATER).then(TAKEN)
    assert due(story) == NOW + MONTH + timedelta(minutes=1)
    assert status(story) == "pending"
