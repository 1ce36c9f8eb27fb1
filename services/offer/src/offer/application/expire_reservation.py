"""End a reservation whose time is over."""

from uuid import UUID

from kernel.work import Work
from offer.application.open_stocks import open_stocks
from offer.domain.reservation import Reservation


async def expire_reservation(reservation_id: UUID, work: Work) -> None:
    reservation = await work.open(Reservation, reservation_id)
    reservation.expire(await open_stocks(reservation.held, work), work.now)
