"""The facts of team licences: seats that the buyer gives to others, in a stream for each licence."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact


class Created(Fact):
    """``customer_id`` is the owner's."""

    TYPE = "license.created"
    order_id: UUID
    line_id: str
    customer_id: str
    product_id: UUID | None = None
    course_ids: tuple[str, ...] = ()
    """What each seat gives access to."""
    seats: int


class SeatsChanged(Fact):
    """Units of the line were cancelled or refunded, or their refund has failed."""

    TYPE = "license.seats_changed"
    seats: int


class SeatInvited(Fact):
    """``personal``: the address and the name, encrypted under the owner's key."""

    TYPE = "license.seat_invited"
    number: int
    """Counts the invitations of the licence from 1; the seat's id follows from it."""
    address: UUID
    """A pseudonym, equal for equal addresses."""
    personal: str
    expires_at: datetime


class SeatAccepted(Fact):
    TYPE = "license.seat_accepted"
    number: int
    customer_id: str


class SeatRevoked(Fact):
    """The owner has taken the seat back: it is free again."""

    TYPE = "license.seat_revoked"
    number: int


class SeatExpired(Fact):
    """The invitation was not accepted in time: the seat is free again."""

    TYPE = "license.seat_expired"
    number: int


class Revoked(Fact):
    """The licence was taken back, with all its seats."""

    TYPE = "license.revoked"


LicenseFact = Created | SeatsChanged | SeatInvited | SeatAccepted | SeatRevoked | SeatExpired | Revoked
