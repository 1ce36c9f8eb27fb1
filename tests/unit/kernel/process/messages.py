"""The messages of a toy process: a trip of which a hotel and a seat are booked, and which is then paid."""

from __future__ import annotations

from datetime import datetime

from contracts import process
from contracts.envelope import Command, Fact, Reply
from contracts.registry import MessageRegistry, TopicMessages


class Started(Fact):
    TYPE = "trip.started"
    deadline: datetime
    definition: int
    meals: bool = False
    price: int = 100


class Advanced(process.Advanced):
    TYPE = "trip.advanced"


class CompensationStarted(process.CompensationStarted):
    TYPE = "trip.compensation_started"


class ActionRequired(process.ActionRequired):
    TYPE = "trip.action_required"


class WaitingBegan(process.WaitingBegan):
    TYPE = "trip.waiting_began"


class DeadlineMoved(process.DeadlineMoved):
    TYPE = "trip.deadline_moved"


class OperatorNeeded(process.OperatorNeeded):
    TYPE = "trip.operator_needed"


class OperatorRetried(process.OperatorRetried):
    TYPE = "trip.operator_retried"


class OperatorGaveUp(process.OperatorGaveUp):
    TYPE = "trip.operator_gave_up"


class OperatorResolved(process.OperatorResolved):
    TYPE = "trip.operator_resolved"


class Completed(Fact):
    TYPE = "trip.completed"


class Failed(Fact):
    TYPE = "trip.failed"
    phase: str
    code: str


class BookHotel(Command):
    TYPE = "hotel.book"


class CancelHotel(Command):
    TYPE = "hotel.cancel"


class HotelBooked(Reply):
    TYPE = "hotel.booked"
    room: int
    floor: int = 1


class HotelRefused(Reply):
    TYPE = "hotel.refused"
    code: str
    detail: str
    beds: int = 0


class HotelCancelled(Reply):
    TYPE = "hotel.cancelled"


class BookSeat(Command):
    TYPE = "seat.book"


class CancelSeat(Command):
    TYPE = "seat.cancel"


class SeatBooked(Reply):
    TYPE = "seat.booked"


class SeatRefused(Reply):
    TYPE = "seat.refused"
    code: str
    detail: str


class SeatWithdrawn(Reply):
    TYPE = "seat.withdrawn"
    code: str
    detail: str


class SeatCancelled(Reply):
    TYPE = "seat.cancelled"


class OrderMeals(Command):
    TYPE = "meals.order"


class MealsOrdered(Reply):
    TYPE = "meals.ordered"


class SendPapers(Command):
    TYPE = "papers.send"


class PapersSent(Reply):
    TYPE = "papers.sent"


class PapersRefused(Reply):
    TYPE = "papers.refused"
    code: str
    detail: str


MESSAGES = MessageRegistry(
    [
        TopicMessages(
            "trip.events",
            "/feira/trip",
            (
                Started,
                Advanced,
                CompensationStarted,
                ActionRequired,
                WaitingBegan,
                DeadlineMoved,
                OperatorNeeded,
                OperatorRetried,
                OperatorGaveUp,
                OperatorResolved,
                Completed,
                Failed,
            ),
        )
    ]
)
