"""A process goes forward: each reply is recorded together with what follows from it, in one fact."""

from __future__ import annotations

from uuid import UUID

from kernel.process import calls
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.trip import (
    BOOKED,
    DEADLINE,
    OPEN_TRIP,
    PAY,
    SEATED,
    TIMER,
    TRIP,
    TRIPS,
    advanced,
    booking,
    done,
    outcome,
    paying,
    reply,
    sending_papers,
    start,
    started,
)

HOTEL = messages.BookHotel(process_id=TRIP, step="hotel")
SEAT = messages.BookSeat(process_id=TRIP, step="seat")
MEALS = messages.OrderMeals(process_id=TRIP, step="meals")
COMPLETED = messages.Completed(**stamp(TRIP))


def test_the_steps_of_a_stage_begin_together_in_one_fact() -> None:
    story = Scenario(messages=messages.MESSAGES).when(start, started(meals=True))
    story.then(started(meals=True), advanced("hotel", "seat", "meals"))
    story.then_sent_under(TRIP, HOTEL, SEAT, MEALS)
    story.then_timer(TIMER, TRIP, DEADLINE)


def test_a_step_with_nothing_to_do_is_done_in_the_same_fact() -> None:
    story = Scenario(messages=messages.MESSAGES).when(start, started())
    story.then(started(), advanced("hotel", "seat", done=[done("meals")]))
    story.then_sent(HOTEL, SEAT)


def test_the_next_stage_waits_for_all_steps_of_the_one_before() -> None:
    story = booking().when(TRIPS.on_reply, BOOKED)
    story.then(advanced(done=[done("hotel", room=7)])).then_sent()
    assert not story.work.timers


def test_a_reply_the_steps_done_here_and_the_next_call_are_one_fact() -> None:
    story = booking().when(TRIPS.on_reply, BOOKED).when(TRIPS.on_reply, SEATED)
    story.then(advanced("pay", done=[done("seat"), done("diary", room=7)]))
    story.then_timer(PAY, TRIP, NOW)
    story.then_holds("trip_of_room", "7", TRIP)


def test_only_the_kept_fields_of_a_reply_become_the_data_of_its_step() -> None:
    story = booking().when(TRIPS.on_reply, reply(messages.HotelBooked, room=7, floor=3))
    story.then(advanced(done=[done("hotel", room=7)]))


def test_the_outcome_of_a_call_completes_its_step() -> None:
    story = paying().when(outcome, PAY, calls.Done({"reference": "r"}))
    story.then(advanced("papers", done=[done("pay", reference="r")]))
    story.then_no_timer(PAY, TRIP)
    story.then_sent(messages.SendPapers(process_id=TRIP, step="papers"))


def test_a_process_is_completed_with_its_last_step() -> None:
    story = sending_papers().when(TRIPS.on_reply, reply(messages.PapersSent))
    story.then(advanced(done=[done("papers")]), COMPLETED)
    story.then_no_timer(TIMER, TRIP)
    story.then_holds(OPEN_TRIP, str(TRIP), None)


def test_a_reply_counts_once() -> None:
    booking().when(TRIPS.on_reply, BOOKED).when(TRIPS.on_reply, BOOKED).then_nothing()
    story = sending_papers().when(TRIPS.on_reply, reply(messages.PapersSent))
    story.when(TRIPS.on_reply, reply(messages.PapersSent)).then_nothing()


def test_a_reply_ends_only_the_step_that_the_workflow_names() -> None:
    booking().when(TRIPS.on_reply, BOOKED.model_copy(update={"step": "seat"})).then_nothing()


def test_a_reply_to_an_unknown_process_is_ignored() -> None:
    booking().when(TRIPS.on_reply, BOOKED.model_copy(update={"process_id": UUID(int=9)})).then_nothing()


def test_a_process_follows_the_version_of_the_workflow_that_it_started_with() -> None:
    story = Scenario(messages=messages.MESSAGES).when(start, started(definition=1, meals=True))
    story.then(started(definition=1, meals=True), advanced("hotel"))
    story.when(TRIPS.on_reply, BOOKED).then(advanced("seat", done=[done("hotel", room=7)]))
    story.when(TRIPS.on_reply, SEATED).then(advanced("pay", done=[done("seat"), done("diary", room=7)]))
