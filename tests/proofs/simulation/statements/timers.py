"""Statements on timers, and on outbound calls, which are timers with a lease."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import orjson

from kernel.scheduling import outbound_calls, timers
from kernel.scheduling.slots import Pair
from kernel.store import writing
from kernel.store.changes import Timer
from tests.proofs.simulation.database import Row, TimerKey

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


def due(connection: Connection, kinds: Sequence[str], most: int, *_: Any) -> list[Row]:
    """Due timers, locked until the end of the transaction."""
    found = connection.database.due(kinds, connection.now)[:most]
    for timer in found:
        connection.add_lock((timer.subject, timer.kind))
    return [timer_row(it) for it in found]


async def lease_due(
    connection: Connection,
    kinds: Sequence[str],
    most: int,
    most_of_one: int,
    tenants: Sequence[str],
    targets: Sequence[str],
    rooms: Sequence[int],
    _: Sequence[int],
    seconds: int,
) -> list[Row]:
    """``most_of_one``: calls of one pair of tenant and target at once; ``rooms``: how many more each of the
    pairs of ``tenants`` and ``targets`` may have."""
    now = connection.now
    known = zip(map(Pair, tenants, targets), rooms, strict=True)
    room: defaultdict[Pair, int] = defaultdict(lambda: most_of_one, known)
    leased: list[Timer] = []
    async with connection.transaction():
        for timer in connection.database.due(kinds, now):
            pair = Pair.of(timer.tenant, timer.payload)
            if room[pair] > 0 and len(leased) < most:
                room[pair] -= 1
                lease_end = now + timedelta(seconds=seconds)
                leased.append(timer._replace(due_at=lease_end, attempts=timer.attempts + 1))
        connection.changes.timers |= {(it.subject, it.kind): it for it in leased}
    return [timer_row(it) for it in leased]


async def lock_timers(connection: Connection, *columns: Sequence[Any]) -> None:
    await connection.enter_log(cast("Iterable[TimerKey]", zip(*columns, strict=True)))


async def delete_fired(connection: Connection, *columns: Sequence[Any]) -> None:
    for key in cast("Iterable[TimerKey]", zip(*columns, strict=True)):
        connection.changes.timers[key] = None


async def reschedule(
    connection: Connection, subject: UUID, kind: str, seconds: int, failed_due_at: datetime
) -> None:
    now, timer = connection.now, connection.timer((subject, kind))
    if timer and timer.due_at == failed_due_at:
        due_at = now + timedelta(seconds=seconds)
        connection.changes.timers[subject, kind] = timer._replace(due_at=due_at, attempts=timer.attempts + 1)


async def delete_leased(connection: Connection, *columns: Sequence[Any]) -> None:
    for key, _ in await _still_leased(connection, columns):
        connection.changes.timers[key] = None


async def move_leased(connection: Connection, *columns: Sequence[Any]) -> None:
    *leases, due_times, payloads = columns
    moved = {(it[0], it[1]): it[2:] for it in zip(*leases[:2], due_times, payloads, strict=True)}
    for key, timer in await _still_leased(connection, leases):
        due_at, payload = moved[key]
        connection.changes.timers[key] = timer._replace(due_at=due_at, payload=payload, attempts=0)


async def _still_leased(
    connection: Connection, columns: Iterable[Sequence[Any]]
) -> list[tuple[TimerKey, Timer]]:
    """The timers that are due when their lease says: no process has leased them anew."""
    leases = [((subject, kind), due_at) for subject, kind, due_at in zip(*columns, strict=True)]
    await connection.enter_log(key for key, _ in leases)
    found = ((key, due_at, connection.timer(key)) for key, due_at in leases)
    return [(key, timer) for key, due_at, timer in found if timer and timer.due_at == due_at]


def timer_row(timer: Timer) -> Row:
    """As the driver returns it."""
    return {**timer._asdict(), "payload": orjson.loads(orjson.dumps(timer.payload))}


READS: Mapping[str, Callable[..., Any]] = {timers.DUE: due}
LOCKING_READS: Mapping[str, Callable[..., Any]] = {outbound_calls.LEASE_DUE: lease_due}
WRITES: Mapping[str, Callable[..., Any]] = {
    writing.LOCK_TIMERS: lock_timers,
    writing.DELETE_LEASED_TIMERS: delete_leased,
    writing.MOVE_LEASED_TIMERS: move_leased,
    timers.FIRED: delete_fired,
    timers.RESCHEDULE: reschedule,
}
