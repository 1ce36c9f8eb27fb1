"""Units of an order that was cancelled or refunded go back into stock, by a command of its checkout."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.envelope import Command
from contracts.offer import ReceiveStock
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.domain.restock import Restock, restock_id
from offer.inventory.domain.stock_demand import with_courses
from offer.inventory.use_cases.reservations import courses_of, load_stocks, with_products


async def receive_stock(command: ReceiveStock, work: UnitOfWork) -> None:
    """Put units back into stock; for each unit of a bundle a seat in every one of the courses that it had
    when it was sold. The catalogue is asked only where older facts do not tell."""
    restock = await work.open(Restock, restock_id(command.process_id))
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    courses = reservation.courses
    if courses is None:
        courses = await courses_of(command.received, work)
    wanted = with_courses(command.received, courses)
    stocks = await load_stocks(wanted, work)
    restock.make(reply_to(command), wanted, reservation.sold_units, stocks)


def command_routes() -> Mapping[type[Command], CommandRoute]:
    return {ReceiveStock: CommandRoute(receive_stock, _everything)}


def _everything(command: ReceiveStock) -> PreloadKeys:
    yield Restock, restock_id(command.process_id)
    yield from with_products(command, command.received)
