"""What a checkout does with stock, by commands: reserve units, hold them longer, and sell or release them.

Each command gets a fact of the reservation as its reply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from contracts import offer as contract
from contracts.envelope import Command
from contracts.offer import ConfirmStock, ExtendReservation, ReleaseStock, ReserveStock, Wanted
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import course_product_ids
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.domain.stock import Stock, stock_id
from offer.inventory.domain.stock_demand import Courses, Stocks, with_courses

EXPIRY = "reservation_expiry"
"""The timer that ends a reservation."""


async def reserve_stock(command: ReserveStock, work: UnitOfWork, hold_for: timedelta) -> None:
    """Hold units for a checkout, all of them or none. ``hold_for``: time until the reservation expires."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    is_new = reservation.reserved is None
    courses = await courses_of(command.wanted, work)
    stocks = await load_stocks(with_courses(command.wanted, courses), work)
    until = work.now + hold_for
    reservation.reserve(reply_to(command), command.wanted, courses, stocks, work.now, until)
    if is_new and reservation.held:
        work.set_timer(EXPIRY, reservation.id, reservation.expires_at)


async def extend_reservation(command: ExtendReservation, work: UnitOfWork) -> None:
    """Hold the units of a checkout until a later time."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    stocks = await load_stocks(reservation.held, work)
    reservation.extend(reply_to(command), command.until, stocks, work.now)
    await set_expiry_again(reservation, work)


async def confirm_stock(command: ConfirmStock, work: UnitOfWork) -> None:
    """Sell what is wanted of the units that a checkout holds, and release the others."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    stocks = await load_stocks(reservation.reserved_units, work)
    reservation.confirm(reply_to(command), command.wanted, stocks, work.now)
    work.cancel_timer(EXPIRY, reservation.id)


async def release_stock(command: ReleaseStock, work: UnitOfWork) -> None:
    """Release the units that a checkout holds, if any."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    reservation.release(reply_to(command), await load_stocks(reservation.held, work))
    work.cancel_timer(EXPIRY, reservation.id)


async def expire_reservation(reservation_id: UUID, work: UnitOfWork) -> None:
    """End a reservation at its time; its timer runs this."""
    reservation = await work.open(Reservation, reservation_id)
    reservation.expire(await load_stocks(reservation.held, work), work.now)


async def set_expiry_again(reservation: Reservation, work: UnitOfWork) -> None:
    """Set the timer of a reservation that holds units."""
    if reservation.is_active and reservation.held:
        work.set_timer(EXPIRY, reservation.id, reservation.expires_at)


def command_routes(hold_for: timedelta) -> Mapping[type[Command], CommandRoute]:
    return {
        contract.ReserveStock: CommandRoute(partial(reserve_stock, hold_for=hold_for), _with_products),
        contract.ExtendReservation: CommandRoute(extend_reservation, _reservation),
        contract.ConfirmStock: CommandRoute(confirm_stock, _with_stocks),
        contract.ReleaseStock: CommandRoute(release_stock, _reservation),
    }


def _reservation(command: Command) -> PreloadKeys:
    yield Reservation, reservation_id(command.process_id)


def _with_stocks(command: ConfirmStock) -> PreloadKeys:
    yield from _stocks_of(command, command.wanted)


def _with_products(command: ReserveStock) -> PreloadKeys:
    yield from with_products(command, command.wanted)


def _stocks_of(command: Command, lines: Iterable[Wanted]) -> PreloadKeys:
    yield from _reservation(command)
    for it in lines:
        yield Stock, stock_id(it.product_id)


def with_products(command: Command, lines: Sequence[Wanted]) -> PreloadKeys:
    """What a command reads that looks up which courses these units contain."""
    yield from _stocks_of(command, lines)
    for it in lines:
        yield Product, it.product_id


async def courses_of(wanted: Iterable[Wanted], work: UnitOfWork) -> Courses:
    """The courses of the wanted bundles, as they are now."""
    products = await work.open_many(Product, (it.product_id for it in wanted))
    return {key: course_product_ids(it.details) for key, it in products.items()}


async def load_stocks(wanted: Iterable[Wanted], work: UnitOfWork) -> Stocks:
    """The stocks of the wanted products, by product id."""
    stock_ids: dict[UUID, UUID] = {it.product_id: stock_id(it.product_id) for it in wanted}
    found = await work.open_many(Stock, stock_ids.values())
    return {product_id: found[key] for product_id, key in stock_ids.items()}
