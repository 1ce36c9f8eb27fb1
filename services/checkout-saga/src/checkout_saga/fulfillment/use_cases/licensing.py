"""Team licences: created with their line, seats offered, accepted, taken back and refunded."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from checkout_saga.fulfillment.domain.errors import LicenseNotFound
from checkout_saga.fulfillment.domain.license import License, Seat, SeatStatus, license_id_of, seat_id_of
from checkout_saga.fulfillment.domain.results import Fulfilled, Result
from checkout_saga.fulfillment.ports import Delivery
from checkout_saga.fulfillment.use_cases.enrolling import enroll, unenroll
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

SEAT_INVITATION = "seat_invitation"
"""The kind of the timer that ends an invitation; its subject is the seat."""
ORDER_LICENSE = "order_license"
"""Lists an order's licences by time; the value is the order, the time and the licence."""
TEAM_LICENSE = "team_license"


@dataclass(frozen=True, slots=True)
class Invitation:
    """``personal`` is encrypted under the key of the licence's owner."""

    license_id: UUID
    address: UUID
    personal: str


class Licenses:
    """Those whom the buyer has named get their invitations at once."""

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        found = await work.open(License, license_id_of(delivery.order_id, delivery.line_id))
        if not found.exists:
            found.create(
                delivery.order_id,
                delivery.line_id,
                delivery.customer_id,
                delivery.course_ids,
                delivery.quantity,
            )
            _list(found, work)
            for address, personal in dict(delivery.gifts).items():
                if found.free:
                    _await_answer(found, found.invite(address, personal, work.now), work)
        return Fulfilled(str(found.id))

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        found = await work.open(License, license_id_of(delivery.order_id, delivery.line_id))
        for seat in found.seats.values():
            await _free(found, seat, work)
        found.revoke()


async def find_license(license_id: UUID, work: UnitOfWork) -> License:
    """Raises ``LicenseNotFound``."""
    found = await work.open(License, license_id)
    if not found.exists:
        raise LicenseNotFound("There is no such licence.")
    return found


async def invite(command: Invitation, work: UnitOfWork) -> tuple[License, Seat]:
    """Offer a free seat for 14 days. Raises ``LicenseNotFound``, ``NoSeatsLeft`` and ``SeatAlreadyTaken``."""
    found = await find_license(command.license_id, work)
    seat = found.invite(command.address, command.personal, work.now)
    _await_answer(found, seat, work)
    return found, seat


async def accept(license_id: UUID, seat_id: UUID, customer_id: str, work: UnitOfWork) -> tuple[License, Seat]:
    """The customer gets the courses; those that they have already stay as they are. Raises
    ``LicenseNotFound``, ``SeatNotFound``, ``InvitationExpired`` and ``SeatAlreadyTaken``."""
    found = await find_license(license_id, work)
    seat = found.seat(seat_id)
    if found.accept(seat, customer_id, work.now):
        work.cancel_timer(SEAT_INVITATION, seat_id)
        for course_id in found.course_ids:
            await enroll(course_id, _for_seat(found, customer_id), work)
    return found, seat


async def take_back(license_id: UUID, seat_id: UUID, work: UnitOfWork) -> License:
    """The seat is free at once, and what it gave access to is revoked. Raises ``LicenseNotFound`` and
    ``SeatNotFound``."""
    found = await find_license(license_id, work)
    await _free(found, found.seat(seat_id), work)
    return found


async def expire(license_id: UUID, seat_id: UUID, work: UnitOfWork) -> None:
    found = await work.open(License, license_id)
    found.expire(found.seat(seat_id))


async def resize(order_id: UUID, line_id: str, seats: int, work: UnitOfWork) -> None:
    """Units of the line were refunded or cancelled, or their refund has failed. Raises ``SeatsInUse``."""
    found = await work.open(License, license_id_of(order_id, line_id))
    if found.exists:
        found.resize(seats)


async def _free(found: License, seat: Seat, work: UnitOfWork) -> None:
    if seat.status is SeatStatus.INVITED:
        work.cancel_timer(SEAT_INVITATION, seat_id_of(found.id, seat.number))
    elif seat.status is SeatStatus.ACCEPTED and seat.customer_id:
        for course_id in found.course_ids:
            await unenroll(course_id, _for_seat(found, seat.customer_id), work)
    found.take_back(seat)


async def resume_license(found: License, work: UnitOfWork) -> None:
    """The key and the timers of one whose facts have been recovered."""
    _list(found, work)
    for seat in found.seats.values():
        if seat.status is SeatStatus.INVITED:
            _await_answer(found, seat, work)


def _for_seat(found: License, customer_id: str) -> Delivery:
    return Delivery(found.order_id, found.line_id, customer_id, TEAM_LICENSE, found.course_ids)


def _await_answer(found: License, seat: Seat, work: UnitOfWork) -> None:
    payload = {"license_id": str(found.id)}
    work.set_timer(SEAT_INVITATION, seat_id_of(found.id, seat.number), seat.expires_at, payload)


def _list(found: License, work: UnitOfWork) -> None:
    key = f"{found.order_id}/{time_key(found.created_at)}/{found.id}"
    work.claim_key(ORDER_LICENSE, key, found.id)
