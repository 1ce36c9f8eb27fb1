"""Release the units that a checkout holds, if any."""

from contracts.offer import ReleaseStock
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.use_cases.load_stocks import load_stocks
from offer.inventory.use_cases.reserve_stock import EXPIRY


async def release_stock(command: ReleaseStock, work: UnitOfWork) -> None:
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    reservation.release(reply_to(command), await load_stocks(reservation.held, work))
    work.cancel_timer(EXPIRY, reservation.id)
