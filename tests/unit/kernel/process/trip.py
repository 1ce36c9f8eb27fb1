"""A toy process with a step of every kind: commands in one stage, a call, a step done here, and one that only
some trips need. Its use cases touch nothing but the unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import Reply
from contracts.process import ProcessFact, StepDone, StepRefused
from kernel.process import calls
from kernel.process.manager import ProcessManager
from kernel.process.process import FactTypes, Process
from kernel.process.state import Failure, Reason
from kernel.process.workflow import Call, Data, Send, Stages, Step, Workflow, run
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.kernel.process import messages

TRIP = UUID(int=0x7E)
DEADLINE = NOW + timedelta(hours=1)
TIMER = "trip_deadline"
PAY, CONFIRM, REFUND = "pay", "confirm", "refund"
"""The kinds of calls."""
OPEN_TRIP = "open_trip"
FORBIDDEN = "forbidden"
"""A unique key; while it is in use, no trip may be paid."""
EXPIRED = Reason("EXPIRED", "The deadline has passed.")

TripFact = messages.Started | messages.Completed | messages.Failed | ProcessFact


class Trip(Process):
    FACTS = FactTypes(
        started=messages.Started,
        advanced=messages.Advanced,
        compensation_started=messages.CompensationStarted,
        action_required=messages.ActionRequired,
        operator_needed=messages.OperatorNeeded,
        operator_retried=messages.OperatorRetried,
        operator_resolved=messages.OperatorResolved,
        waiting_began=messages.WaitingBegan,
        deadline_moved=messages.DeadlineMoved,
        completed=messages.Completed,
        failed=messages.Failed,
    )

    def initialise(self) -> None:
        super().initialise()
        self.meals = False
        self.price = 0
        self.room: int | None = None

    def members(self) -> Mapping[str, Any]:
        return {"trip_status": self.status}

    def completed(self) -> messages.Completed:
        return messages.Completed()

    def failed(self, failure: Failure) -> messages.Failed:
        return messages.Failed(phase=failure.phase, code=failure.code)

    def keep(self, step: str, data: Mapping[str, Any]) -> None:
        if step == "hotel":
            self.room = data["room"]

    def evolve(self, fact: TripFact) -> None:
        match fact:
            case messages.Started():
                self.status, self.deadline, self.definition = "processing", fact.deadline, fact.definition
                self.meals, self.price = fact.meals, fact.price
            case messages.Completed():
                self.status = "completed"
            case messages.Failed():
                self.status = "failed"
            case _:
                self.evolve_steps(fact)


def pay(trip: Trip) -> Call | None:
    if not trip.price:
        return None
    papers = Send(messages.OrderMeals(process_id=trip.id, step="pay"), trip.id) if trip.meals else None
    return Call(PAY if trip.attempt("pay") <= 1 else CONFIRM, notify=papers)


def refund(trip: Trip) -> Call | None:
    return Call(REFUND) if trip.price else None


def order_meals(trip: Trip) -> Send | None:
    return _send(messages.OrderMeals, trip, "meals") if trip.meals else None


async def may_be_paid(trip: Trip, work: UnitOfWork) -> Reason | None:
    if await work.owner_of_key(FORBIDDEN, str(trip.id)):
        return Reason("FORBIDDEN", "Not this one.")
    return None


async def write_down(trip: Trip, work: UnitOfWork) -> Data:
    work.claim_key("trip_of_room", str(trip.room), trip.id)
    return {"room": trip.room}


async def cross_out(trip: Trip, work: UnitOfWork) -> Data:
    work.release_key("trip_of_room", str(trip.room))
    return {}


def at_end(trip: Trip, work: UnitOfWork) -> None:
    work.release_key(OPEN_TRIP, str(trip.id))


def _send(kind: Any, trip: Trip, step: str) -> Send:
    return Send(kind(process_id=trip.id, step=step), trip.id)


STEPS: tuple[Step[Trip], ...] = (
    Step(
        name="hotel",
        do=lambda it: _send(messages.BookHotel, it, "hotel"),
        completed=messages.HotelBooked,
        keeps=frozenset({"room"}),
        refused=messages.HotelRefused,
        undo=lambda it: _send(messages.CancelHotel, it, "hotel"),
        undone=messages.HotelCancelled,
    ),
    Step(
        name="seat",
        do=lambda it: _send(messages.BookSeat, it, "seat"),
        completed=messages.SeatBooked,
        refused=messages.SeatRefused,
        undo=lambda it: _send(messages.CancelSeat, it, "seat"),
        undone=messages.SeatCancelled,
    ),
    Step(name="meals", do=order_meals, completed=messages.MealsOrdered, since=2),
    Step(name="diary", do=run(write_down), undo=run(cross_out)),
    Step(name="pay", do=pay, undo=refund, guard=may_be_paid, withdrawn=messages.SeatWithdrawn),
    Step(
        name="papers",
        do=lambda it: _send(messages.SendPapers, it, "papers"),
        completed=messages.PapersSent,
        refused=messages.PapersRefused,
    ),
)
VERSIONS: Mapping[int, Stages] = {
    1: (("hotel",), ("seat",), ("diary",), ("pay",), ("papers",)),
    2: (("hotel", "seat", "meals"), ("diary",), ("pay",), ("papers",)),
}
WORKFLOW = Workflow(Trip, STEPS, VERSIONS, deadline_timer=TIMER, expired=EXPIRED, pivot="pay", at_end=at_end)
TRIPS = ProcessManager(WORKFLOW)


async def start(started: messages.Started, work: UnitOfWork) -> None:
    trip = work.create(Trip, TRIP)
    trip.record(started.unrecorded())
    work.claim_key(OPEN_TRIP, str(TRIP), TRIP)
    await TRIPS.start(trip, work)


async def outcome(kind: str, work: UnitOfWork, result: calls.CallOutcome, tries: int = 0) -> None:
    trip = await work.open(Trip, TRIP)
    await calls.on_outcome(TRIPS, trip, kind, result, tries, work)


async def confirm(_: UUID, work: UnitOfWork) -> None:
    await TRIPS.begin_again(await work.open(Trip, TRIP), "pay", work)


async def stop(_: UUID, work: UnitOfWork) -> None:
    await TRIPS.compensate(await work.open(Trip, TRIP), Reason("STOPPED", "no"), work)


def started(definition: int = 2, **fields: Any) -> messages.Started:
    return messages.Started(**stamp(TRIP), deadline=DEADLINE, definition=definition, **fields)


def advanced(*begun: str, done: Iterable[StepDone] = (), undone: tuple[str, ...] = ()) -> messages.Advanced:
    return messages.Advanced(**stamp(TRIP), begun=begun, done=tuple(done), undone=undone)


def refused(step: str, code: str, **data: Any) -> messages.Advanced:
    no = StepRefused(step=step, code=code, detail="no", data=data)
    return messages.Advanced(**stamp(TRIP), begun=(), done=(), refused=no)


def done(step: str, **data: Any) -> StepDone:
    return StepDone(step=step, data=data)


def compensating(phase: str, code: str, *undoing: str, detail: str = "no", **data: Any) -> Any:
    fields: dict[str, Any] = {
        "phase": phase,
        "code": code,
        "detail": detail,
        "data": data,
        "undoing": undoing,
    }
    return messages.CompensationStarted(**stamp(TRIP), **fields)


def reply(kind: type[Reply], **fields: Any) -> Any:
    """Of the step that this kind of reply is about."""
    step = WORKFLOW.outcomes[kind.TYPE].step
    return kind(**stamp(UUID(int=1)), process_id=TRIP, step=step, **fields)


BOOKED = reply(messages.HotelBooked, room=7)
SEATED = reply(messages.SeatBooked)
ALL_BOOKED = (
    advanced("hotel", "seat", done=[done("meals")]),
    advanced(done=[done("hotel", room=7)]),
    advanced("pay", done=[done("seat"), done("diary", room=7)]),
)
PAID = advanced("papers", done=[done("pay", reference="r")])


def booking(**fields: Any) -> Scenario:
    """The hotel and the seat have been asked for."""
    return begun(started(**fields), ALL_BOOKED[0])


def paying() -> Scenario:
    """Everything is booked, and the call to pay is under way."""
    return begun(started(), *ALL_BOOKED)


def sending_papers() -> Scenario:
    return begun(started(), *ALL_BOOKED, PAID)


def begun(*past: Any) -> Scenario:
    """A trip with these facts."""
    return Scenario(*past, messages=messages.MESSAGES).claimed(OPEN_TRIP, str(TRIP), TRIP)
