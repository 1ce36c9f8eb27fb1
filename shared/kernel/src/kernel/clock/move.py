"""The move of a stack's clock as an intent: one row in the database of the service that carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import asyncpg

from kernel.domain import Refused
from kernel.store.writing import Connection

LATEST = datetime(2199, 12, 31, tzinfo=UTC)
"""The last time that a clock can be moved to: dates that are computed from it stay within a ``datetime``."""

READ = "SELECT state, reaches, feira_now() AS now FROM clock_move"
LOCK = f"{READ} FOR UPDATE"
RECORD = "UPDATE clock_move SET state = 'moving', reaches = $1"
RECORD_RESET = "UPDATE clock_move SET state = 'resetting', reaches = NULL"
GIVE_UP_RESET = "UPDATE clock_move SET state = 'moving', reaches = feira_now()"
FINISH = "UPDATE clock_move SET state = 'still' WHERE state = $1 AND reaches IS NOT DISTINCT FROM $2"


class ClockOutOfReach(Refused):
    """The clock of a stack moves forwards only, and not beyond the year 2199."""

    code = "CLOCK_OUT_OF_REACH"


class StackNotEmpty(Refused):
    """The clock shows the machine's time again only while no service has recorded anything."""

    code = "STACK_NOT_EMPTY"


@dataclass(frozen=True, slots=True)
class Move:
    state: Literal["still", "moving", "resetting"]
    reaches: datetime | None
    """The time that the clocks show at its end; None before the first move."""
    now: datetime
    """The time when the move was read."""


async def read(connection: Connection | asyncpg.Pool[asyncpg.Record]) -> Move:
    return Move(**dict((await connection.fetch(READ))[0]))


# failpoint: none needed (store-transaction)
async def record(connection: Connection, *, by: timedelta | None = None, to: datetime | None = None) -> None:
    """Record that the clock is to be moved ``by`` so much, or ``to`` a time. A move that is not finished is
    extended: two moves by an hour are two hours, whenever the second is asked for. The same ``to`` again
    changes nothing.

    Raises ``ClockOutOfReach``.
    """
    move = Move(**dict((await connection.fetch(LOCK))[0]))
    if move.state == "resetting":
        raise ClockOutOfReach("The clock is being reset.")
    furthest = max(move.now, move.reaches) if move.state == "moving" and move.reaches else move.now
    if to is not None and to == move.reaches:
        return
    reaches = furthest + by if by is not None else to
    if reaches is None or not furthest <= reaches <= LATEST:
        raise ClockOutOfReach("The clock moves forwards only, and not beyond the year 2199.")
    await connection.execute(RECORD, reaches)


# failpoint: none needed (store-transaction)
async def record_reset(connection: Connection) -> None:
    await connection.execute(RECORD_RESET)


# failpoint: none needed (stack-clock)
async def give_up_reset(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    """A service has recorded something: the clocks that are reset already are moved to the others."""
    await pool.execute(GIVE_UP_RESET)


# failpoint: none needed (stack-clock)
async def finish(pool: asyncpg.Pool[asyncpg.Record], move: Move) -> None:
    """The move has been carried out, unless it has been extended meanwhile."""
    await pool.execute(FINISH, move.state, move.reaches)
