"""Sell the units that a checkout holds."""

from contracts.offer import ConfirmStock
from kernel.unit_of_work import UnitOfWork
from offer.application.load_stocks import load_stocks
from offer.application.reserve_stock import EXPIRY
from offer.domain.reply_to import reply_to
from offer.domain.reservation import Reservation, reservation_id


async def confirm_stock(command: ConfirmStock, work: UnitOfWork) -> None:
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    stocks = await load_stocks((*reservation.held, *command.wanted), work)
    reservation.confirm(reply_to(command), command.wanted, stocks, work.now)
    work.cancel_timer(EXPIRY, reservation.id)
