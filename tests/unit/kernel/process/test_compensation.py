"""A process goes back: every step that may have had an effect is undone, latest first, each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel.process import calls
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.kernel.process import messages
from tests.unit.kernel.process.trip import (
    BOOKED,
    DEADLINE,
    EXPIRED,
    FORBIDDEN,
    OPEN_TRIP,
    PAY,
    REFUND,
    SEATED,
    TIMER,
    TRIP,
    TRIPS,
    advanced,
    begun,
    booking,
    compensating,
    done,
    outcome,
    paying,
    refused,
    reply,
    sending_papers,
    started,
    stop,
)

CANCEL_HOTEL = messages.CancelHotel(process_id=TRIP, step="hotel")
CANCEL_SEAT = messages.CancelSeat(process_id=TRIP, step="seat")
NO_HOTEL = reply(messages.HotelRefused, code="FULL", detail="no", beds=0)
NO_SEAT = reply(messages.SeatRefused, code="SOLD_OUT", detail="no")


def failed(phase: str, code: str) -> messages.Failed:
    return messages.Failed(**stamp(TRIP), phase=phase, code=code)


def test_a_refusal_undoes_also_what_is_under_way_and_not_the_refused_step() -> None:
    story = booking().when(TRIPS.on_reply, NO_HOTEL)
    story.then(refused("hotel", "FULL", beds=0), compensating("hotel", "FULL", "seat", beds=0))
    story.then_sent_under(TRIP, CANCEL_SEAT)


def test_a_process_fails_once_everything_is_undone() -> None:
    story = booking().when(TRIPS.on_reply, BOOKED).when(TRIPS.on_reply, NO_SEAT)
    story.then(refused("seat", "SOLD_OUT"), compensating("seat", "SOLD_OUT", "hotel"))
    story.then_holds(OPEN_TRIP, str(TRIP), TRIP)
    story.when(TRIPS.on_reply, reply(messages.HotelCancelled))
    story.then(advanced(undone=("hotel",)), failed("seat", "SOLD_OUT"))
    story.then_no_timer(TIMER, TRIP).then_holds(OPEN_TRIP, str(TRIP), None)


def test_a_process_with_nothing_to_undo_fails_at_once() -> None:
    story = begun(started(definition=1), advanced("hotel")).when(TRIPS.on_reply, NO_HOTEL)
    story.then(
        refused("hotel", "FULL", beds=0), compensating("hotel", "FULL", beds=0), failed("hotel", "FULL")
    )
    story.then_sent()


def test_the_latest_step_is_undone_first_and_one_done_here_at_once() -> None:
    story = sending_papers().when(TRIPS.on_reply, reply(messages.PapersRefused, code="LOST", detail="no"))
    story.then(
        refused("papers", "LOST"),
        compensating("papers", "LOST", "pay", "diary", "seat", "hotel"),
        advanced(undone=("diary",)),
    )
    story.then_sent(CANCEL_SEAT, CANCEL_HOTEL)
    story.then_timer(REFUND, TRIP, NOW)
    story.then_holds("trip_of_room", "7", None)


def test_a_late_success_does_not_stop_the_compensation() -> None:
    booking().when(TRIPS.on_reply, NO_HOTEL).when(TRIPS.on_reply, SEATED).then_nothing()


def test_a_second_refusal_is_ignored() -> None:
    booking().when(TRIPS.on_reply, NO_HOTEL).when(TRIPS.on_reply, NO_SEAT).then_nothing()


def test_an_undo_counts_once_and_only_if_it_was_asked_for() -> None:
    booking().when(TRIPS.on_reply, reply(messages.SeatCancelled)).then_nothing()
    story = booking().when(TRIPS.on_reply, BOOKED).when(TRIPS.on_reply, NO_SEAT)
    story.when(TRIPS.on_reply, reply(messages.HotelCancelled))
    story.when(TRIPS.on_reply, reply(messages.HotelCancelled)).then_nothing()


def test_the_refusal_of_a_guard_compensates_instead_of_beginning_the_step() -> None:
    story = booking().claimed(FORBIDDEN, str(TRIP), TRIP).when(TRIPS.on_reply, BOOKED)
    story.when(TRIPS.on_reply, SEATED)
    story.then(
        advanced(done=[done("seat"), done("diary", room=7)]),
        compensating("diary", "FORBIDDEN", "diary", "seat", "hotel", detail="Not this one."),
        advanced(undone=("diary",)),
    )
    assert (TRIP, PAY) not in story.work.timers


def test_the_deadline_compensates_what_is_under_way() -> None:
    story = booking().at(DEADLINE).when(TRIPS.on_deadline, TRIP)
    story.then(compensating("hotel", "EXPIRED", "seat", "hotel", detail=EXPIRED.detail))
    story.when(TRIPS.on_deadline, TRIP).then_nothing()


def test_a_reply_after_the_deadline_compensates_although_the_timer_is_late() -> None:
    story = booking().when(TRIPS.on_reply, BOOKED).at(DEADLINE).when(TRIPS.on_reply, SEATED)
    story.then(
        advanced(done=[done("seat")]), compensating("seat", "EXPIRED", "seat", "hotel", detail=EXPIRED.detail)
    )


@pytest.mark.parametrize("story", [paying, sending_papers])
def test_from_the_pivot_on_the_deadline_is_ignored(story: Callable[[], Scenario]) -> None:
    story().at(DEADLINE).when(TRIPS.on_deadline, TRIP).then_nothing()


def test_compensation_cancels_the_call_under_way_and_undoes_it() -> None:
    story = paying().when(stop, TRIP)
    story.then_no_timer(PAY, TRIP).then_timer(REFUND, TRIP, NOW)
    story.when(outcome, PAY, calls.Done()).then_nothing()
