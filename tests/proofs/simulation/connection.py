"""A connection to the database in memory: answers the kernel's own statements, each known by its text.

Transactions are as in PostgreSQL at READ COMMITTED, as far as the kernel relies on that: a transaction sees
what is committed and its own writes; its writes become visible at its commit; locked rows make others wait; a
duplicate key fails the statement. The time that a commit takes passes before the first statement that writes
to the log, timers or unique keys; from there to the commit nothing else runs, because the kernel holds the
log's lock. The statements are in ``statements``, by table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import asyncpg

from kernel.store.changes import LOG_COLUMNS, LogRow, Timer
from tests.proofs.simulation.database import Database, Name, Row, TimerKey, UnpaidExposure
from tests.proofs.simulation.scheduler import MS, pause
from tests.proofs.simulation.statements import (
    consumers,
    exposures,
    keys,
    log,
    reconciling,
    screenings,
    shoppers,
    snapshots,
    store,
    timers,
)

if TYPE_CHECKING:
    from tests.proofs.simulation.node import Node

READS: Mapping[str, Callable[..., Any]] = {
    **log.READS,
    **keys.READS,
    **timers.READS,
    **consumers.READS,
    **snapshots.READS,
    **exposures.READS,
    **shoppers.READS,
    **screenings.READS,
    **reconciling.READS,
}
"""Statements that are answered at once."""
LOCKING_READS: Mapping[str, Callable[..., Any]] = {
    **timers.LOCKING_READS,
    **consumers.LOCKING_READS,
    **shoppers.LOCKING_READS,
}
"""Statements that also write, and may wait for locked rows."""
WRITES: Mapping[str, Callable[..., Any]] = {
    **log.WRITES,
    **timers.WRITES,
    **store.WRITES,
    **shoppers.WRITES,
    **screenings.WRITES,
}
WRITES_AT_COMMIT: Mapping[str, Callable[..., None]] = {
    **consumers.WRITES,
    **exposures.WRITES,
    **shoppers.WRITES_AT_COMMIT,
    **reconciling.WRITES,
}
"""Statements on rows that no other transaction can have changed meanwhile."""


@dataclass(slots=True)
class PendingChanges:
    """What a transaction has written so far."""

    rows: list[LogRow] = field(default_factory=list)
    timers: dict[TimerKey, Timer | None] = field(default_factory=dict)
    holders: dict[Name, UUID | None] = field(default_factory=dict)
    responses: dict[Name, UUID | None] = field(default_factory=dict)
    unpaid: dict[UnpaidExposure, bool] = field(default_factory=dict)
    """False: it is deleted."""
    tables: dict[str, dict[Any, Row | None]] = field(default_factory=dict)
    """Rows of the service's own tables by their keys; None: it is deleted."""
    at_commit: list[Callable[[], None]] = field(default_factory=list)
    """Writes into tables that the transaction does not read again."""

    def copy(self) -> PendingChanges:
        return PendingChanges(
            list(self.rows),
            dict(self.timers),
            dict(self.holders),
            dict(self.responses),
            dict(self.unpaid),
            {name: dict(rows) for name, rows in self.tables.items()},
            list(self.at_commit),
        )


NOTHING_PENDING = PendingChanges()
"""What a connection without a transaction reads; never written to."""


class Transaction:
    """A transaction, or a savepoint within one."""

    __slots__ = ("_before", "_connection")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before: PendingChanges | None = None

    async def __aenter__(self) -> None:
        connection = self._connection
        if connection.depth:
            self._before = connection.changes.copy()
        else:
            connection.changes = PendingChanges()
        connection.depth += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        connection = self._connection
        try:
            if kind is not None and self._before is not None:
                connection.changes = self._before
            elif kind is None and connection.depth == 1:
                await connection.commit()
        finally:
            connection.depth -= 1
            if not connection.depth:
                connection.end()


class Connection:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.database: Database = node.database
        self.changes = NOTHING_PENDING
        self.depth = 0
        self.is_waiting = False
        self._has_entered_log = False
        self._fault: str | None = None
        self.intended: Sequence[LogRow] = ()
        """The rows whose write begins the commit."""
        self._locked: list[object] = []

    @property
    def now(self) -> datetime:
        return self.node.world.scheduler.now

    def transaction(self) -> Transaction:
        return Transaction(self)

    def write_at_commit(self, write: Callable[[], None]) -> None:
        """Write into a table of the service's own at the commit. Needs a transaction."""
        self.changes.at_commit.append(write)

    def table(self, name: str) -> Mapping[Any, Row]:
        """The rows of one of the service's own tables, with what the transaction has changed."""
        stored = self.database.tables[name]
        if not (changed := self.changes.tables.get(name)):
            return dict(stored)
        return {key: row for key, row in {**stored, **changed}.items() if row is not None}

    def put(self, name: str, key: object, row: Row | None) -> None:
        """Write a row of one of the service's own tables, or delete it. Needs a transaction."""
        self.changes.tables.setdefault(name, {})[key] = row

    async def fetch(self, query: str, *arguments: Any) -> Any:
        read = READS.get(query)
        return read(self, *arguments) if read else await LOCKING_READS[query](self, *arguments)

    fetchrow = fetchval = fetch

    async def execute(self, query: str, *arguments: Any) -> None:
        if write_at_once := snapshots.WRITES_AT_ONCE.get(query):
            write_at_once(self, *arguments)
        elif not self.depth:
            async with self.transaction():
                await self.execute(query, *arguments)
        elif write := WRITES_AT_COMMIT.get(query):
            write(self, *arguments)
        elif query.startswith("INSERT INTO log "):
            width = len(LOG_COLUMNS)
            rows = (LogRow(*arguments[first : first + width]) for first in range(0, len(arguments), width))
            await log.append(self, rows)
        else:
            await WRITES[query](self, *arguments)

    async def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            await self.execute(query, *row)

    async def copy_records_to_table(self, table: str, *, records: Sequence[LogRow], columns: object) -> None:
        if (table, columns) != ("log", LOG_COLUMNS):
            raise AssertionError(f"The simulation does not copy into {table}.")
        await log.append(self, records)

    async def commit(self) -> None:
        changes, database = self.changes, self.database
        database.append(changes.rows)
        for key, timer in changes.timers.items():
            database.visible.pop(key, None)
            if timer is None:
                database.timers.pop(key, None)
            else:
                database.timers[key] = timer
        for name, holder in changes.holders.items():
            if holder is None:
                database.holders.pop(name, None)
            else:
                database.holders[name] = holder
        database.responses |= changes.responses
        for row, is_kept in changes.unpaid.items():
            (database.unpaid.add if is_kept else database.unpaid.discard)(row)
        for table, changed in changes.tables.items():
            for key, table_row in changed.items():
                if table_row is None:
                    database.tables[table].pop(key, None)
                else:
                    database.tables[table][key] = table_row
        for write in changes.at_commit:
            write()
        self._release_locks()
        timers = [it for it in changes.timers.values() if it]
        self.node.world.committed(self.node, changes.rows, timers, changes.holders)
        await self.node.after_commit(self._fault, changes.rows)

    def end(self) -> None:
        self.changes = NOTHING_PENDING
        self._has_entered_log, self._fault = False, None
        self._release_locks()

    def _release_locks(self) -> None:
        for key in self._locked:
            self.database.locks.pop(key, None)
        self._locked.clear()

    def add_lock(self, key: object) -> None:
        """Lock a row that is known to be free."""
        self.database.locks[key] = self
        self._locked.append(key)

    async def lock(self, rows: Iterable[object]) -> None:
        """Lock rows, and wait for those that others have locked. Raises ``DeadlockDetectedError`` where the
        holder waits, too: only the shortest cycle is detected."""
        for key in rows:
            while (holder := self.database.locks.get(key, self)) is not self:
                if holder.is_waiting and self._locked:
                    raise asyncpg.DeadlockDetectedError("two transactions wait for each other")
                self.is_waiting = True
                try:
                    await pause(MS)
                finally:
                    self.is_waiting = False
            if key not in self.database.locks:
                self.add_lock(key)

    async def enter_log(self, changed: Iterable[TimerKey] = ()) -> None:
        """Let the time of the commit pass once, then lock the timers' rows."""
        if not self._has_entered_log:
            self._fault = await self.node.before_commit(self.intended)
            self._has_entered_log = True
        await self.lock(changed)

    def timer(self, key: TimerKey) -> Timer | None:
        pending = self.changes.timers
        return pending[key] if key in pending else self.database.timers.get(key)

    def holder(self, *name: str) -> UUID | None:
        key = cast(Name, name)
        pending = self.changes.holders
        return pending[key] if key in pending else self.database.holders.get(key)


class Pool:
    """The part of a connection pool that the kernel uses."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        yield Connection(self._node)

    async def fetch(self, query: str, *arguments: Any) -> Any:
        return await Connection(self._node).fetch(query, *arguments)

    fetchrow = fetchval = fetch

    async def fetch_for_tenant(self, tenant: str, query: str, *arguments: Any) -> Any:
        return await self.fetch(query, tenant, *arguments)

    async def execute(self, query: str, *arguments: Any) -> None:
        await Connection(self._node).execute(query, *arguments)
