"""Follow the service's own log, a page at a time, to keep a table from its facts.

A loop writes the table, and not the requests, so that a request costs no further row: see ``log_followers``.
All replicas run the loop, and one at a time is at it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from contracts.envelope import Fact
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.store.event_store import EventStore
from kernel.store.upcasting import read_fact
from kernel.store.writing import Connection

A = TypeVar("A", bound=Aggregate)

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

    def __init__(self, place: str, kinds: Collection[type[Fact]], write: Write, store: EventStore) -> None:
        self.place = place
        self.types = frozenset(it.TYPE for it in kinds)
        self._write = write
        self._store = store

    # failpoint: none needed (store-transaction), 2 calls
    async def follow_next_page(self) -> int | None:
        """The number of rows of the page, below ``PAGE_SIZE`` at the log's end; None if another replica is at
        it."""
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            position = await connection.fetchval(
                f"SELECT position FROM {self.place} FOR UPDATE SKIP LOCKED"  # noqa: S608  # our own table
            )
            if position is None:
                return None
            page: Any = await connection.fetchrow(PAGE_END, position, PAGE_SIZE)
            if page["rows"]:
                rows = await connection.fetch(SELECT_FACTS, position, page["position"], list(self.types))
                if rows:
                    await self._write(connection, [self._recorded(it) for it in rows])
                await connection.execute(
                    f"UPDATE {self.place} SET position = $1",  # noqa: S608  # our own table
                    page["position"],
                )
        return int(page["rows"])

    def _recorded(self, row: asyncpg.Record) -> Recorded:
        where = row["stream_id"], row["version"], row["recorded_at"]
        fact = read_fact(row["type"], row["schema_version"], row["body"], *where, self._store.messages)
        return Recorded(row["tenant"], row["stream_id"], fact)


async def read_changed(
    kind: type[A], place: str, store: EventStore, connection: Connection, recorded: Sequence[Recorded]
) -> list[tuple[str, A]]:
    """The aggregates whose facts were recorded, each with its tenant, as the log says that they are now."""
    work = store.begin_within(connection, await store.now(), remember=False)
    found: list[tuple[str, A]] = []
    changed = sorted({(it.tenant, it.stream_id) for it in recorded})
    for tenant, keys in groupby(changed, key=lambda key: key[0]):
        work.switch_context(Context(tenant, place, place, place))
        opened = await work.open_many(kind, [stream_id for _, stream_id in keys])
        found += [(tenant, it) for it in opened.values()]
    work.give_back()
    return found
