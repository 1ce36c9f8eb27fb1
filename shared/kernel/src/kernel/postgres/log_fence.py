"""The fence of a service's log: while it is closed, the service gets no connection of its pool.

A database that has been brought back to an earlier moment looks like any other. What was appended to its log
would take versions that the topics hold already with other content, and every consumer would drop it as a
repetition. So a connection to another history than the one that was compared with the topics closes the
fence; ``kernel.messaging.log_guard`` compares anew, and opens it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncpg

HISTORY = """
    SELECT format('%s/%s/%s', (SELECT system_identifier FROM pg_control_system()),
                  left(pg_walfile_name(pg_current_wal_flush_lsn()), 8),
                  (SELECT oid FROM pg_database WHERE datname = current_database())),
           (pg_current_wal_flush_lsn() - '0/0')::bigint
    WHERE NOT pg_is_in_recovery()
"""
TOPICS_AHEAD = "topics_ahead_of_log"
"""Reason: the topics hold facts of this service that its log does not have."""
NOT_COMPARED = "log_not_compared"
"""Reason: the database may have been restored, and the log has not been compared with the topics since."""


class LogFenced(ConnectionError):
    """The log may lack facts that are published: nothing may be appended until it has been compared."""


class History(NamedTuple):
    """Which past of a database a connection sees."""

    identity: str
    """The server's system identifier, its timeline (a new one after each failover and each point-in-time
    recovery), and the id of the database."""
    flushed: int
    """Bytes of WAL that are on the disk. Within one history it never falls."""


async def read_history(connection: asyncpg.Connection[asyncpg.Record]) -> History | None:
    """None on a standby, which takes no writes anyway."""
    row = await connection.fetchrow(HISTORY)
    return History(*row) if row else None


class LogFence:
    """Open at first: what reads a log for a job needs no comparison."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why it is closed; None: it is open."""
        self.closed = asyncio.Event()
        """Set while it is closed."""
        self._compared: History | None = None

    def check(self) -> None:
        """Raises ``LogFenced`` while the fence is closed."""
        if self.reason is not None:
            raise LogFenced(self.reason)

    def close(self, reason: str) -> None:
        self.reason = reason
        self.closed.set()

    def open(self, history: History | None) -> None:
        """``history``: the one in which the log agrees with the topics."""
        self.reason = None
        self._compared = history
        self.closed.clear()

    async def inspect(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Close the fence if a new connection leads to another history. Raises ``LogFenced`` then."""
        before = self._compared  # other connections may be inspected during the query
        found = await read_history(connection) if before else None
        if before is None or found is None:
            return
        if found.identity != before.identity or found.flushed < before.flushed:
            self.close(NOT_COMPARED)
            raise LogFenced(NOT_COMPARED)
        if self._compared == before:
            self._compared = found
