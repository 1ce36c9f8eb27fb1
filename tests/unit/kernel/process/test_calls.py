"""Outbound calls of a process: an unknown outcome is repeated, a late one ignored, and none counts twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.process import calls
from kernel.process.state import Reason
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.trip import (
    ALL_BOOKED,
    CONFIRM,
    PAY,
    REFUND,
    SEATED,
    TRIP,
    TRIPS,
    advanced,
    begun,
    compensating,
    confirm,
    done,
    outcome,
    paying,
    refused,
    started,
    stop,
)

UNKNOWN = calls.Unknown(Reason("UNKNOWN", "silence"))
NO = calls.Refused(Reason("NO_MONEY", "no"))
PAGE = "https://page"


def operator(step: str, code: str, detail: str) -> messages.OperatorNeeded:
    return messages.OperatorNeeded(**stamp(TRIP), step=step, code=code, detail=detail)


def acting() -> Scenario:
    return paying().when(outcome, PAY, calls.ActionNeeded(PAGE))


def test_a_call_without_an_answer_is_repeated_with_growing_pauses() -> None:
    story = paying()
    for tries, seconds in enumerate([1, 2, 4, 8, 16, 32, 60]):
        story.when(outcome, PAY, UNKNOWN, tries).then_nothing()
        story.then_timer(PAY, TRIP, NOW + timedelta(seconds=seconds), {"tries": tries + 1})


def test_after_some_tries_an_operator_is_called_once_and_the_tries_go_on() -> None:
    last = TRIES_BEFORE_OPERATOR - 1
    story = paying().when(outcome, PAY, UNKNOWN, last).then(operator("pay", "UNKNOWN", "silence"))
    story.when(outcome, PAY, UNKNOWN, last + 1).then_nothing()
    story.then_timer(PAY, TRIP, NOW + timedelta(minutes=1), {"tries": last + 2})


def test_an_outcome_counts_once() -> None:
    story = paying().when(outcome, PAY, calls.Done()).when(outcome, PAY, calls.Done())
    story.then_nothing().then_no_timer(PAY, TRIP)


@pytest.mark.parametrize("late", [calls.Done(), NO, UNKNOWN, calls.ActionNeeded(PAGE)])
def test_an_outcome_that_comes_during_compensation_is_ignored(late: calls.CallOutcome) -> None:
    paying().when(stop, TRIP).when(outcome, PAY, late).then_nothing().then_no_timer(PAY, TRIP)


def test_a_refused_call_compensates_what_came_before_it() -> None:
    story = paying().when(outcome, PAY, NO)
    story.then(
        refused("pay", "NO_MONEY"),
        compensating("pay", "NO_MONEY", "diary", "seat", "hotel"),
        advanced(undone=("diary",)),
    )
    assert (TRIP, REFUND) not in story.work.timers


def test_a_refused_call_that_may_have_had_an_effect_is_undone_as_well() -> None:
    story = paying().when(outcome, PAY, calls.Refused(Reason("NO_MONEY", "no"), had_effect=True))
    story.then(compensating("pay", "NO_MONEY", "pay", "diary", "seat", "hotel"), advanced(undone=("diary",)))
    story.then_timer(REFUND, TRIP, NOW)


def test_an_undo_that_is_refused_calls_an_operator_and_is_repeated() -> None:
    story = paying().when(stop, TRIP).when(outcome, REFUND, calls.Refused(Reason("CLOSED", "no")))
    story.then(operator("pay", "CLOSED", "no"))
    story.then_timer(REFUND, TRIP, NOW + timedelta(minutes=1), {"tries": 1})
    story.when(outcome, REFUND, calls.Done()).then(advanced(undone=("pay",)))


def test_a_required_action_stops_the_calls_until_it_is_confirmed() -> None:
    story = acting().then(messages.ActionRequired(**stamp(TRIP), step="pay", url=PAGE))
    story.then_no_timer(PAY, TRIP)
    story.when(outcome, PAY, calls.Done()).then_nothing()


def test_a_step_that_is_begun_again_makes_the_call_of_its_next_attempt() -> None:
    story = acting().when(confirm, TRIP).then(advanced("pay")).then_timer(CONFIRM, TRIP, NOW)
    story.when(outcome, PAY, calls.Done()).then_nothing()
    story.when(outcome, CONFIRM, calls.Done()).then(advanced("papers", done=[done("pay")]))


def test_a_command_can_be_sent_together_with_a_call() -> None:
    past = (started(meals=True), *ALL_BOOKED[:2])
    story = begun(*past).when(TRIPS.on_reply, SEATED)
    story.then_sent(messages.OrderMeals(process_id=TRIP, step="pay"))
    story.then_timer(PAY, TRIP, NOW)
