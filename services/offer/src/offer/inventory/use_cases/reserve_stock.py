"""Hold units for a checkout, all of them or none."""

from datetime import timedelta

from contracts.offer import ReserveStock
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.use_cases.load_stocks import load_stocks

EXPIRY = "reservation_expiry"
"""The timer that ends a reservation."""


async def reserve_stock(command: ReserveStock, work: UnitOfWork, hold_for: timedelta) -> None:
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    is_new = reservation.reserved is None
    stocks = await load_stocks(command.wanted, work)
    reservation.reserve(reply_to(command), command.wanted, stocks, work.now, work.now + hold_for)
    if is_new and reservation.held:
        work.set_timer(EXPIRY, reservation.id, reservation.expires_at)
