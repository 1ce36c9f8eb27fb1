"""What the next steps of a batch's processes open is read with one query, however many replies there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Reply
from kernel.domain import Aggregate
from kernel.process.manager import ProcessManager
from kernel.process.reply_handler import load_for_replies
from kernel.process.workflow import Data, Streams, Workflow, run
from kernel.unit_of_work import UnitOfWork
from tests.support.counted_loads import counted
from tests.support.scenario import Scenario, stamp
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.trip import (
    EXPIRED,
    PAID,
    STEPS,
    TIMER,
    TRIP,
    VERSIONS,
    Trip,
    advanced,
    begun,
    done,
    started,
    stop,
)

OTHER_TRIP = UUID(int=0x7F)
BOTH = TRIP, OTHER_TRIP


class Diary(Aggregate):
    def initialise(self) -> None:
        """Nothing is ever written into it here."""

    def evolve(self, fact: Any) -> None:
        raise AssertionError(fact)


def diary_of(trip_id: UUID) -> UUID:
    return UUID(int=trip_id.int + 0x100)


def index_of(trip_id: UUID) -> UUID:
    return UUID(int=trip_id.int + 0x200)


async def look_up(trip: Trip, work: UnitOfWork) -> Data:
    await work.open(Diary, diary_of(trip.id))
    await work.open(Diary, index_of(trip.id))
    return {}


def opened(trip: Trip, tenant: str) -> Streams:
    assert tenant == "demo"
    return Streams([(Diary, diary_of(trip.id))], [(Diary, index_of(trip.id))])


ROWS = tuple(
    replace(it, do=run(look_up), opens=opened) if it.name == "diary" else replace(it, guard=None)
    for it in STEPS
)
TRIPS = ProcessManager(Workflow(Trip, ROWS, VERSIONS, deadline_timer=TIMER, expired=EXPIRED, pivot="pay"))


def reply(kind: Any, trip_id: UUID = TRIP, **fields: Any) -> Reply:
    made: Reply = kind(
        **stamp(UUID(int=1)),
        process_id=trip_id,
        step=TRIPS.workflow.outcomes[kind.TYPE].step,
        **fields,
    )
    return made


def booking(trip_id: UUID, *more: Any) -> list[Any]:
    past = [started(), advanced("hotel", "seat", done=[done("meals")]), *more]
    return [it.model_copy(update={"originator_id": trip_id}) for it in past]


async def handle(replies: Sequence[Reply], work: UnitOfWork) -> list[set[UUID]]:
    """The streams that each query reads while the replies are handled."""
    counter, watched = counted(work)
    await load_for_replies(TRIPS, replies, watched)
    for it in replies:
        await TRIPS.on_reply(it, watched)
    return counter.queries


def queries(story: Scenario, *replies: Reply) -> list[set[UUID]]:
    found: list[set[UUID]] = story.when(handle, replies).result
    return found


def test_a_batch_reads_all_processes_with_one_query_and_what_their_steps_open_with_another() -> None:
    story = begun(*(fact for it in BOTH for fact in booking(it)))
    booked = [reply(messages.HotelBooked, it, room=7) for it in BOTH]
    replies = [*booked, *(reply(messages.SeatBooked, it) for it in BOTH)]
    assert queries(story, *replies) == [set(BOTH), {diary_of(it) for it in BOTH}]


def test_nothing_is_read_ahead_while_the_stage_still_waits_for_another_reply() -> None:
    assert queries(begun(*booking(TRIP)), reply(messages.SeatBooked)) == [{TRIP}]


def test_the_last_reply_of_a_stage_is_enough_when_the_others_are_recorded() -> None:
    story = begun(*booking(TRIP, advanced(done=[done("hotel", room=7)])))
    assert queries(story, reply(messages.SeatBooked)) == [{TRIP}, {diary_of(TRIP)}]


@pytest.mark.parametrize(
    "answer",
    [
        reply(messages.SeatRefused, code="FULL", detail="no"),
        reply(messages.SeatCancelled),
        reply(messages.PapersSent),
    ],
    ids=["a refusal", "an undo", "of a step that has not begun"],
)
def test_a_reply_that_completes_no_step_reads_nothing_ahead(answer: Reply) -> None:
    story = begun(*booking(TRIP, advanced(done=[done("hotel", room=7)])))
    assert queries(story, answer) == [{TRIP}]


def test_a_reply_that_comes_again_reads_nothing_ahead() -> None:
    past = [advanced("pay", done=[done("hotel", room=7), done("seat"), done("diary")]), PAID]
    assert queries(begun(*booking(TRIP, *past)), reply(messages.SeatBooked)) == [{TRIP}]


def test_a_process_that_goes_back_reads_nothing_ahead() -> None:
    story = begun(*booking(TRIP, advanced(done=[done("hotel", room=7)]))).when(stop, TRIP)
    assert queries(story, reply(messages.SeatBooked)) == [{TRIP}]


def test_a_process_that_the_tenant_does_not_have_reads_nothing_ahead() -> None:
    assert queries(begun(), reply(messages.SeatBooked)) == [{TRIP}]
