"""A read model's tables once more, aside: temporary ones, unseen by others and gone after any crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from kernel.messaging.parking import reason_of
from kernel.messaging.received import Received
from kernel.messaging.transient import passes
from kernel.store.writing import Connection, columns
from projections.adapters.projector import Projector
from projections.adapters.rebuild.errors import RunFailed
from projections.adapters.rebuild.skipped_records import place
from projections.read_models.model import ReadModel

MAKE = """
    CREATE TEMP TABLE {name} (LIKE public.{name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)
    WITH (fillfactor = 80)
"""
MAKE_SEEN = (
    "CREATE TEMP TABLE seen (stream_id uuid PRIMARY KEY, version integer NOT NULL) WITH (fillfactor = 80)"
)
SEEN = "SELECT stream_id, version FROM pg_temp.seen WHERE stream_id = ANY($1)"
NOTE = """
    INSERT INTO pg_temp.seen SELECT * FROM unnest($1::uuid[], $2::int[])
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version
"""
BEHIND = """
    SELECT count(*) FROM consumer_seen l LEFT JOIN pg_temp.seen r USING (stream_id)
    WHERE l.grp = $1 AND l.version > coalesce(r.version, 0)
"""
WHOLE = "SET LOCAL enable_seqscan = on; SET LOCAL work_mem = '64MB'"
BY_INDEX = "SET LOCAL enable_seqscan = off"
REPLACED = "public."


class Shadow:
    def __init__(self, model: ReadModel[Any, Any], connection: Connection) -> None:
        self.model = model
        self.aside = model.shadow()
        self._applying = Projector(self.aside)
        self._connection = connection

    # failpoint: none needed (rebuild-transaction), 2 calls
    async def make(self) -> None:
        for it in (self.model.table, self.model.subjects, self.model.progress):
            await self._connection.execute(MAKE.format(name=it.removeprefix(REPLACED)))
        await self._connection.execute(MAKE_SEEN)

    async def seen(self, streams: Iterable[UUID]) -> dict[UUID, int]:
        """The last version of each stream that the shadow knows."""
        rows = await self._connection.fetch(SEEN, list(streams))
        return {row["stream_id"]: row["version"] for row in rows}

    # failpoint: none needed (rebuild-transaction)
    async def note(self, versions: Mapping[UUID, int]) -> None:
        if versions:
            await self._connection.execute(NOTE, *columns(versions.items()))

    # failpoint: none needed (rebuild-transaction)
    async def apply(self, batch: list[Received]) -> None:
        """Raises ``RunFailed`` for the record that cannot be applied: nothing is skipped here."""
        if not batch:
            return
        try:
            async with self._connection.transaction():
                await self._applying.apply(batch, self._connection)
        except Exception as error:
            if passes(error):
                raise
            if len(batch) == 1:
                it = batch[0]
                told = f"{place(it.record)} {it.type}, cannot be applied ({reason_of(error)}): {error}"
                raise RunFailed(told[:1000]) from error
            middle = len(batch) // 2
            await self.apply(batch[:middle])
            await self.apply(batch[middle:])

    # failpoint: none needed (rebuild-transaction)
    async def analyze(self) -> None:
        """Before tables are compared as a whole: nobody does so for temporary ones."""
        aside = self.aside
        await self._connection.execute(
            f"ANALYZE {aside.table}; ANALYZE {aside.subjects}; ANALYZE {aside.progress}; ANALYZE pg_temp.seen"
        )

    # failpoint: none needed (rebuild-transaction), 2 calls
    async def missing_streams(self, group: str) -> int:
        """Of how many streams the live consumer has handled more than the topics held; in a transaction."""
        await self._connection.execute(WHOLE)
        count: int = await self._connection.fetchval(BEHIND, group)
        await self._connection.execute(BY_INDEX)
        return count
