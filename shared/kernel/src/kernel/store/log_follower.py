"""Follow the service's own log, a page at a time, to keep a table from its facts.

A loop writes the table, and not the requests, so that a request costs no further row. All replicas run the
loop, and one at a time is at it. The table is at most a second behind the log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import structlog

from contracts.envelope import Fact
from kernel import waiting
from kernel.messaging.transient import is_transient
from kernel.observability.health import Heartbeats
from kernel.service.runtime import run_forever
from kernel.store.event_store import EventStore
from kernel.store.upcasting import read_fact
from kernel.store.writing import Connection

LOG = structlog.get_logger()
POLL_SECONDS = 0.6
PAGE_SIZE = 1_000
PAGE_END = """
    SELECT max(position) AS position, count(*) AS rows
    FROM (SELECT position FROM log WHERE position > $1 ORDER BY position LIMIT $2) AS page
"""
SELECT_FACTS = """
    SELECT tenant, stream_id, version, type, schema_version, body, recorded_at
    FROM log WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact of the log."""

    tenant: str
    stream_id: UUID
    fact: Fact


Write = Callable[[Connection, Sequence[Recorded]], Awaitable[None]]
"""Brings the table up to date with the next facts, in their order, within the transaction."""


class LogFollower:
    """``place``: the table of one row with the position up to which the log has been followed."""

    def __init__(
        self,
        place: str,
        kinds: Collection[type[Fact]],
        write: Write,
        store: EventStore,
        heartbeats: Heartbeats,
    ) -> None:
        self._place = place
        self._types = [it.TYPE for it in kinds]
        self._write = write
        self._store = store
        self._heartbeats = heartbeats
        heartbeats.register(place)

    async def run(self) -> None:
        """Follow the log until cancelled. A page whose transaction fails is tried again."""
        self._heartbeats.started(self._place)
        await run_forever(
            self.follow_next_page,
            pause=lambda: waiting.jitter(POLL_SECONDS / 2, POLL_SECONDS),
            beat=lambda: self._heartbeats.beat(self._place),
            on_error=self._log_defect,
        )

    # failpoint: none needed (store-transaction), 2 calls
    async def follow_next_page(self) -> bool:
        """True if the page was full, so that there may be more. Does nothing if another replica is at it."""
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            position = await connection.fetchval(
                f"SELECT position FROM {self._place} FOR UPDATE SKIP LOCKED"  # noqa: S608  # our own table
            )
            page = None if position is None else await connection.fetchrow(PAGE_END, position, PAGE_SIZE)
            if page is None or not page["rows"]:
                return False
            rows = await connection.fetch(SELECT_FACTS, position, page["position"], self._types)
            if rows:
                await self._write(connection, [self._recorded(it) for it in rows])
            await connection.execute(
                f"UPDATE {self._place} SET position = $1",  # noqa: S608  # our own table
                page["position"],
            )
        return bool(page["rows"] == PAGE_SIZE)

    def _recorded(self, row: asyncpg.Record) -> Recorded:
        where = row["stream_id"], row["version"], row["recorded_at"]
        fact = read_fact(row["type"], row["schema_version"], row["body"], *where, self._store.messages)
        return Recorded(row["tenant"], row["stream_id"], fact)

    def _log_defect(self, error: Exception) -> None:
        if not is_transient(error):
            LOG.exception("log_not_followed", place=self._place)
