"""The statement that stores a write batch: timers, log rows, unique keys and responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from kernel.store import writing
from kernel.store.changes import LogRow, Timer
from tests.proofs.simulation.database import Name, TimerKey
from tests.proofs.simulation.statements.log import append, duplicate

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


async def store(connection: Connection, *arguments: Sequence[Any]) -> None:
    """Raises ``UniqueViolationError`` for a version, a unique key or an idempotency key that is there."""
    gone, set_timers, rows, released, claims, responses = _tables(arguments)
    cancelled = [cast(TimerKey, it) for it in gone]
    timers = [Timer(*it) for it in set_timers]
    changes, connection.intended = connection.changes, [LogRow(*it) for it in rows]
    await connection.enter_log([*cancelled, *((it.subject, it.kind) for it in timers)])
    changes.timers |= dict.fromkeys(cancelled)
    changes.timers |= {(it.subject, it.kind): it for it in timers}
    await append(connection, connection.intended)
    changes.holders |= dict.fromkeys(cast("Iterable[Name]", released))
    for tenant, kind, value, holder in claims:
        if connection.holder(tenant, kind, value) is not None:
            raise duplicate("claims")
        changes.holders[tenant, kind, value] = holder
    for tenant, route, key, _, subject, *_ in responses:
        if (tenant, route, key) in connection.database.responses:
            raise duplicate("idempotency")
        changes.responses[tenant, route, key] = subject


def _tables(arguments: Sequence[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of ``store()`` as rows, table by table."""
    first = 0
    for width in writing.WIDTHS:
        yield list(zip(*arguments[first : first + width], strict=True))
        first += width


WRITES: Mapping[str, Callable[..., Any]] = {writing.STORE: store}
