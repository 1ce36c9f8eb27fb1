"""Expire a reservation at its time."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reservation import Reservation
from offer.inventory.use_cases.load_stocks import load_stocks


async def expire_reservation(reservation_id: UUID, work: UnitOfWork) -> None:
    reservation = await work.open(Reservation, reservation_id)
    reservation.expire(await load_stocks(reservation.held, work), work.now)
