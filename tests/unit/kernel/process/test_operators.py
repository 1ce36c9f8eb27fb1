"""What an operator may do with a process: repeat what is under way, compensate, or say how a call ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from kernel.domain import Refused
from kernel.process import calls, operator
from kernel.process.errors import NotCompensatable, NotResolvable, NotRetriable
from kernel.process.state import Reason
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.trip import (
    PAY,
    REFUND,
    TRIP,
    TRIPS,
    Trip,
    advanced,
    booking,
    compensating,
    outcome,
    paying,
    reply,
    sending_papers,
    stop,
)

BY: dict[str, Any] = {**stamp(TRIP), "operator": "tester", "reason": "seen to"}
UNKNOWN = calls.Unknown(Reason("UNKNOWN", "silence"))
REFUSED = calls.Refused(Reason("CLOSED", "no"))


async def retry(_: UUID, work: UnitOfWork) -> None:
    await operator.retry(TRIPS, await work.open(Trip, TRIP), "seen to", work)


async def give_up(_: UUID, work: UnitOfWork, *, past_pivot: bool = False) -> None:
    decision = messages.OperatorGaveUp(operator=work.context.actor, reason="seen to")
    trip = await work.open(Trip, TRIP)
    await operator.give_up(TRIPS, trip, decision, Reason("GIVEN_UP", "no"), work, past_pivot=past_pivot)


async def give_up_after_the_pivot(trip_id: UUID, work: UnitOfWork) -> None:
    await give_up(trip_id, work, past_pivot=True)


async def resolve(result: str, work: UnitOfWork) -> str:
    return operator.resolve(TRIPS, await work.open(Trip, TRIP), result, "seen to", "slip", work)


def completed() -> Scenario:
    return sending_papers().when(TRIPS.on_reply, reply(messages.PapersSent))


def acting() -> Scenario:
    return paying().when(outcome, PAY, calls.ActionNeeded("https://page"))


def payment_stuck() -> Scenario:
    return paying().when(outcome, PAY, UNKNOWN, TRIES_BEFORE_OPERATOR)


def refund_stuck() -> Scenario:
    return paying().when(stop, TRIP).when(outcome, REFUND, REFUSED)


def test_a_retry_sends_again_what_is_under_way() -> None:
    story = booking().when(retry, TRIP)
    story.then(messages.OperatorRetried(**BY, steps=("hotel", "seat")))
    assert [it.command.step for it in story.work.sent] == ["hotel", "seat"]


def test_a_retried_call_counts_as_a_further_try() -> None:
    payment_stuck().when(retry, TRIP).then_timer(PAY, TRIP, NOW, {"tries": 1})


def test_a_retry_during_compensation_repeats_the_undos() -> None:
    story = refund_stuck().when(retry, TRIP)
    story.then(messages.OperatorRetried(**BY, steps=("hotel", "seat", "pay")))
    story.then_timer(REFUND, TRIP, NOW, {"tries": 1})
    assert [it.command.TYPE for it in story.work.sent] == ["hotel.cancel", "seat.cancel"]


@pytest.mark.parametrize("story", [completed, acting])
def test_there_is_nothing_to_retry_after_the_end_or_while_a_user_has_to_act(
    story: Callable[[], Scenario],
) -> None:
    story().when(retry, TRIP).then_refused(NotRetriable)


def test_before_the_pivot_a_process_can_be_given_up() -> None:
    story = booking().when(give_up, TRIP)
    story.then(messages.OperatorGaveUp(**BY), compensating("hotel", "GIVEN_UP", "seat", "hotel"))


@pytest.mark.parametrize("act", [give_up, give_up_after_the_pivot])
def test_a_process_cannot_be_given_up_while_the_outcome_of_its_pivot_is_unknown(act: Any) -> None:
    payment_stuck().when(act, TRIP).then_refused(NotCompensatable, trip_status="needs_operator")


def test_after_the_pivot_a_process_is_given_up_only_on_request() -> None:
    sending_papers().when(give_up, TRIP).then_refused(NotCompensatable, trip_status="processing")
    story = sending_papers().when(give_up_after_the_pivot, TRIP)
    story.then(
        messages.OperatorGaveUp(**BY),
        compensating("papers", "GIVEN_UP", "pay", "diary", "seat", "hotel"),
        advanced(undone=("diary",)),
    )


@pytest.mark.parametrize(("story", "kind"), [(payment_stuck, PAY), (refund_stuck, REFUND)])
def test_a_stuck_pivot_or_undo_can_be_resolved(story: Callable[[], Scenario], kind: str) -> None:
    resolved = story().when(resolve, operator.DONE)
    resolved.then(messages.OperatorResolved(**BY, step="pay", outcome="done", reference="slip"))
    resolved.then_result(kind)


def test_an_undo_cannot_be_resolved_as_not_done() -> None:
    refund_stuck().when(resolve, "not_done").then_refused(NotResolvable)


@pytest.mark.parametrize("story", [booking, paying, completed])
def test_only_a_stuck_call_can_be_resolved(story: Callable[[], Scenario]) -> None:
    story().when(resolve, operator.DONE).then_refused(NotResolvable)


@pytest.mark.parametrize("act", [give_up, give_up_after_the_pivot])
def test_an_ended_process_cannot_be_given_up(act: Any) -> None:
    refusal = completed().when(act, TRIP).refusal
    assert isinstance(refusal, Refused)
    assert refusal.members == {"trip_status": "completed"}
