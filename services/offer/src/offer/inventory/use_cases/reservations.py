"""What a checkout does with stock, by commands: reserve units, and sell or release them.

Each command gets a fact of the reservation as its reply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from contracts import offer as contract
from contracts.envelope import Command
from contracts.offer import ConfirmStock, ReleaseStock, ReserveStock, Wanted
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import course_product_ids
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.domain.stock import Stock, stock_id
from offer.inventory.domain.stock_demand import Stocks, with_courses

EXPIRY = "reservation_expiry"
"""The timer that ends a reservation."""


async def reserve_stock(command: ReserveStock, work: UnitOfWork, hold_for: timedelta) -> None:
    """Hold units for a checkout, all of them or none. ``hold_for``: time until the reservation expires."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    is_new = reservation.reserved is None
    wanted = await _with_courses(command.wanted, work)
    stocks = await _load_stocks(wanted, work)
    reservation.reserve(reply_to(command), wanted, stocks, work.now, work.now + hold_for)
    if is_new and reservation.held:
        work.set_timer(EXPIRY, reservation.id, reservation.expires_at)


async def confirm_stock(command: ConfirmStock, work: UnitOfWork) -> None:
    """Sell the units that a checkout holds."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    stocks = await _load_stocks(reservation.reserved_units, work)
    reservation.confirm(reply_to(command), stocks, work.now)
    work.cancel_timer(EXPIRY, reservation.id)


async def release_stock(command: ReleaseStock, work: UnitOfWork) -> None:
    """Release the units that a checkout holds, if any."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    reservation.release(reply_to(command), await _load_stocks(reservation.held, work))
    work.cancel_timer(EXPIRY, reservation.id)


async def expire_reservation(reservation_id: UUID, work: UnitOfWork) -> None:
    """End a reservation at its time; its timer runs this."""
    reservation = await work.open(Reservation, reservation_id)
    reservation.expire(await _load_stocks(reservation.held, work), work.now)


async def set_expiry_again(reservation: Reservation, work: UnitOfWork) -> None:
    """Set the timer of a reservation whose facts have been recovered."""
    if reservation.is_active:
        work.set_timer(EXPIRY, reservation.id, reservation.expires_at)


def command_routes(hold_for: timedelta) -> Mapping[type[Command], CommandRoute]:
    return {
        contract.ReserveStock: CommandRoute(partial(reserve_stock, hold_for=hold_for), _with_products),
        contract.ConfirmStock: CommandRoute(confirm_stock, _with_stocks),
        contract.ReleaseStock: CommandRoute(release_stock, _reservation),
    }


def _reservation(command: Command) -> PreloadKeys:
    yield Reservation, reservation_id(command.process_id)


def _with_stocks(command: ReserveStock | ConfirmStock) -> PreloadKeys:
    yield from _reservation(command)
    for wanted in command.wanted:
        yield Stock, stock_id(wanted.product_id)


def _with_products(command: ReserveStock) -> PreloadKeys:
    yield from _with_stocks(command)
    for wanted in command.wanted:
        yield Product, wanted.product_id


async def _with_courses(wanted: Iterable[Wanted], work: UnitOfWork) -> tuple[Wanted, ...]:
    """What is wanted, with the courses of its bundles."""
    lines = tuple(wanted)
    products = await work.open_many(Product, (it.product_id for it in lines))
    return with_courses(lines, {key: course_product_ids(it.details) for key, it in products.items()})


async def _load_stocks(wanted: Iterable[Wanted], work: UnitOfWork) -> Stocks:
    """The stocks of the wanted products, by product id."""
    stock_ids: dict[UUID, UUID] = {it.product_id: stock_id(it.product_id) for it in wanted}
    found = await work.open_many(Stock, stock_ids.values())
    return {product_id: found[key] for product_id, key in stock_ids.items()}
