"""Shadow of a read model: temporary tables, invisible to other sessions and dropped after any crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from kernel.messaging.dead_letters.store import reason_of
from kernel.messaging.inbound import InboundMessage
from kernel.messaging.transient import is_transient
from kernel.projections.model import ReadModel
from kernel.projections.projector import Projector
from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.skipped_records import describe
from kernel.store.writing import Connection, columns

CHECKPOINTS = "read_model_state"
CREATE = """
    CREATE TEMP TABLE {name} (LIKE public.{name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)
    WITH (fillfactor = 80)
"""
CREATE_SEEN = (
    "CREATE TEMP TABLE seen (stream_id uuid PRIMARY KEY, version integer NOT NULL) WITH (fillfactor = 80)"
)
LOAD_SEEN = "SELECT stream_id, version FROM pg_temp.seen WHERE stream_id = ANY($1)"
STORE_SEEN = """
    INSERT INTO pg_temp.seen SELECT * FROM unnest($1::uuid[], $2::int[])
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version
"""
COUNT_BEHIND = """
    SELECT count(*) FROM consumer_seen l LEFT JOIN pg_temp.seen r USING (stream_id)
    WHERE l.grp = $1 AND l.version > coalesce(r.version, 0)
"""
ALLOW_FULL_SCANS = "SET LOCAL enable_seqscan = on; SET LOCAL work_mem = '64MB'"
INDEX_SCANS_ONLY = "SET LOCAL enable_seqscan = off"


class Shadow:
    def __init__(self, model: ReadModel, connection: Connection) -> None:
        self.model = model
        self.shadow_model = model.shadow()
        self._projector = Projector(self.shadow_model)
        self._connection = connection

    # failpoint: none needed (rebuild-transaction), 2 calls
    async def create(self) -> None:
        for table in (*(table.name for table in self.model.tables), CHECKPOINTS):
            await self._connection.execute(CREATE.format(name=table))
        await self._connection.execute(CREATE_SEEN)

    async def seen(self, streams: Iterable[UUID]) -> dict[UUID, int]:
        """The last version read of each of these streams; those without one are missing."""
        rows = await self._connection.fetch(LOAD_SEEN, list(streams))
        return {row["stream_id"]: row["version"] for row in rows}

    # failpoint: none needed (rebuild-transaction)
    async def record_seen(self, versions: Mapping[UUID, int]) -> None:
        if versions:
            await self._connection.execute(STORE_SEEN, *columns(versions.items()))

    # failpoint: none needed (rebuild-transaction)
    async def apply(self, batch: list[InboundMessage]) -> None:
        """Raises ``RunFailed`` for the first record that cannot be applied: a run skips nothing by itself.
        Bisection finds the record."""
        if not batch:
            return
        try:
            async with self._connection.transaction():
                await self._projector.apply(batch, self._connection)
        except Exception as error:
            if is_transient(error):
                raise
            if len(batch) == 1:
                message = batch[0]
                where = f"{describe(message.record)} {message.type},"
                detail = f"{where} cannot be applied ({reason_of(error)}): {error}"
                raise RunFailed(detail[:1000]) from error
            middle = len(batch) // 2
            await self.apply(batch[:middle])
            await self.apply(batch[middle:])

    # failpoint: none needed (rebuild-transaction)
    async def analyze(self) -> None:
        """Collect planner statistics before tables are compared: autovacuum does not see temporary tables."""
        tables = (*(table.name for table in self.model.tables), CHECKPOINTS, "seen")
        await self._connection.execute("; ".join(f"ANALYZE pg_temp.{table}" for table in tables))

    # failpoint: none needed (rebuild-transaction), 2 calls
    async def missing_streams(self) -> int:
        """Number of streams of which the live one has read more than the shadow. Needs a transaction."""
        await self._connection.execute(ALLOW_FULL_SCANS)
        count: int = await self._connection.fetchval(COUNT_BEHIND, self.model.scope)
        await self._connection.execute(INDEX_SCANS_ONLY)
        return count
