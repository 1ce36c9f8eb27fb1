"""A team licence: its seats are offered to others, accepted, and taken back. Invited and accepted seats are
never more than the licence has: they are one stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import (
    InvitationExpired,
    NoSeatsLeft,
    SeatAlreadyTaken,
    SeatNotFound,
    SeatsInUse,
)
from contracts import license_ as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id

INVITED_FOR = timedelta(days=14)


class SeatStatus(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(slots=True)
class Seat:
    number: int
    address: UUID
    personal: str
    expires_at: datetime
    status: SeatStatus = SeatStatus.INVITED
    customer_id: str | None = None

    @property
    def is_taken(self) -> bool:
        return self.status in {SeatStatus.INVITED, SeatStatus.ACCEPTED}


class License(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.order_id, self.line_id, self.customer_id = NIL_ID, "", ""
        self.course_ids: tuple[str, ...] = ()
        self.size = 0
        """How many seats there are."""
        self.seats: dict[int, Seat] = {}
        """All that were ever offered, by number."""
        self.revoked = False
        self.created_at = UTC_MIN

    @property
    def taken(self) -> int:
        return sum(it.is_taken for it in self.seats.values())

    @property
    def free(self) -> int:
        return max(0, self.size - self.taken)

    def create(
        self, order_id: UUID, line_id: str, customer_id: str, course_ids: Sequence[str], seats: int
    ) -> None:
        self.record(
            facts.Created(
                order_id=order_id,
                line_id=line_id,
                customer_id=customer_id,
                course_ids=tuple(course_ids),
                seats=seats,
            )
        )

    def resize(self, seats: int) -> None:
        """Raises ``SeatsInUse``."""
        if seats == self.size or self.revoked:
            return
        if seats < self.taken:
            raise SeatsInUse("Only free seats can be taken back.", free=self.free, line_id=self.line_id)
        self.record(facts.SeatsChanged(seats=seats))

    def invite(self, address: UUID, personal: str, now: datetime) -> Seat:
        """Raises ``SeatAlreadyTaken`` and ``NoSeatsLeft``."""
        if any(it.is_taken and it.address == address for it in self.seats.values()):
            raise SeatAlreadyTaken("This address has a seat, or is invited to one.")
        if not self.free:
            raise NoSeatsLeft("All seats are taken or offered.", seats=self.size)
        number = len(self.seats) + 1
        self.record(
            facts.SeatInvited(number=number, address=address, personal=personal, expires_at=now + INVITED_FOR)
        )
        return self.seats[number]

    def accept(self, seat: Seat, customer_id: str, now: datetime) -> bool:
        """False if the customer has accepted it before. Raises ``InvitationExpired``, ``SeatNotFound`` and
        ``SeatAlreadyTaken``."""
        match seat.status:
            case SeatStatus.REVOKED:
                raise SeatNotFound("There is no such seat.")
            case SeatStatus.ACCEPTED if seat.customer_id == customer_id:
                return False
            case SeatStatus.ACCEPTED:
                raise SeatAlreadyTaken("Another customer has this seat.")
            case SeatStatus.EXPIRED:
                raise InvitationExpired("The invitation was not accepted in time.")
        if seat.expires_at <= now:
            raise InvitationExpired("The invitation was not accepted in time.")
        if any(it.is_taken and it.customer_id == customer_id for it in self.seats.values()):
            raise SeatAlreadyTaken("The customer has a seat of this licence.")
        self.record(facts.SeatAccepted(number=seat.number, customer_id=customer_id))
        return True

    def take_back(self, seat: Seat) -> None:
        """Ignored if it is free already."""
        if seat.is_taken:
            self.record(facts.SeatRevoked(number=seat.number))

    def expire(self, seat: Seat) -> None:
        """Ignored if it was accepted or taken back."""
        if seat.status is SeatStatus.INVITED:
            self.record(facts.SeatExpired(number=seat.number))

    def revoke(self) -> None:
        """Its accepted seats have been taken back before."""
        if self.exists and not self.revoked:
            self.record(facts.Revoked())

    def seat(self, seat_id: UUID) -> Seat:
        """Raises ``SeatNotFound``."""
        for it in self.seats.values():
            if seat_id_of(self.id, it.number) == seat_id:
                return it
        raise SeatNotFound("There is no such seat.")

    def evolve(self, fact: facts.LicenseFact) -> None:
        match fact:
            case facts.Created():
                self.order_id, self.line_id, self.customer_id = fact.order_id, fact.line_id, fact.customer_id
                self.course_ids, self.size, self.created_at = fact.course_ids, fact.seats, fact.timestamp
            case facts.SeatsChanged(seats=seats):
                self.size = seats
            case facts.SeatInvited():
                self.seats[fact.number] = Seat(fact.number, fact.address, fact.personal, fact.expires_at)
            case facts.SeatAccepted(number=number, customer_id=customer_id):
                self.seats[number].status = SeatStatus.ACCEPTED
                self.seats[number].customer_id = customer_id
            case facts.SeatRevoked(number=number):
                self.seats[number].status = SeatStatus.REVOKED
            case facts.SeatExpired(number=number):
                self.seats[number].status = SeatStatus.EXPIRED
            case facts.Revoked():
                self.revoked, self.size = True, 0
            case _:
                assert_never(fact)


def license_id_of(order_id: UUID, line_id: str) -> UUID:
    """Derived, so that a line has one licence."""
    return derive_id(order_id, f"license:{line_id}")


def seat_id_of(license_id: UUID, number: int) -> UUID:
    return derive_id(license_id, f"seat:{number}")
