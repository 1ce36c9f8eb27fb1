"""Sell the units that a checkout holds."""

from contracts.offer import ConfirmStock
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.use_cases.load_stocks import load_stocks
from offer.inventory.use_cases.reserve_stock import EXPIRY


async def confirm_stock(command: ConfirmStock, work: UnitOfWork) -> None:
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    stocks = await load_stocks((*reservation.held, *command.wanted), work)
    reservation.confirm(reply_to(command), command.wanted, stocks, work.now)
    work.cancel_timer(EXPIRY, reservation.id)
