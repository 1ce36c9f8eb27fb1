"""Commit recovery: find out how a commit ended whose connection broke before it was confirmed."""

from __future__ import annotations

import asyncio

import asyncpg

from kernel.errors import CommitOutcomeUnknown, DuplicateRequest
from kernel.faults import failpoints
from kernel.postgres.connections import is_outage
from kernel.store.changes import Changes
from kernel.store.conflict_detection import used_idempotency_keys
from kernel.store.writing import ENTER_LOG, Connection, columns

RECOVERY_TIMEOUT = 5.0
"""Seconds; a killed server is back sooner, and a caller still waits."""
RETRY_PAUSE_SECONDS = 0.1

TERMINATE_BACKEND = """
    SELECT coalesce(bool_and(pg_terminate_backend(pid, $2)), true) FROM pg_stat_activity
    WHERE pid = $1 AND datname = current_database() AND usename = current_user
"""

RECORDED = (
    "SELECT message_id FROM log WHERE (stream_id, version) IN (SELECT * FROM unnest($1::uuid[], $2::int[]))"
)


# failpoint: 2 calls
async def find_commit_outcome(
    pool: asyncpg.Pool[asyncpg.Record], batch: list[Changes], error: Exception, backend: int
) -> list[Exception | None]:
    """The outcome of each unit of work in the batch: None if it is stored, ``error`` if it is not,
    ``DuplicateRequest`` or ``CommitOutcomeUnknown``.

    ``backend`` is the process id of the server process that had the batch. It is terminated first: it may not
    know that its client has gone, and may wait for a row before it takes the log's lock. It must not store
    later what is reported here as not stored.
    """
    deadline = asyncio.get_running_loop().time() + RECOVERY_TIMEOUT
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(TERMINATE_BACKEND, backend, int(RECOVERY_TIMEOUT * 1000)):
                    raise TimeoutError(f"backend {backend} does not end")
                await connection.execute(ENTER_LOG)  # earlier transactions have ended once the lock is held
                failpoints.active and await failpoints.hit("append.while_settling")
                return await _outcomes(connection, batch, error)
        except Exception as failure:
            if not is_outage(failure):
                raise
            if asyncio.get_running_loop().time() > deadline:
                return [CommitOutcomeUnknown(repr(error)) for _ in batch]
            await asyncio.sleep(RETRY_PAUSE_SECONDS)


async def _outcomes(connection: Connection, batch: list[Changes], error: Exception) -> list[Exception | None]:
    first_rows = [changes.rows[0] for changes in batch if changes.rows]
    positions = [(row.stream_id, row.version) for row in first_rows]
    rows = await connection.fetch(RECORDED, *columns(positions)) if positions else []
    recorded = {row["message_id"] for row in rows}
    used_keys = await used_idempotency_keys(connection, batch)

    def outcome_of(changes: Changes) -> Exception | None:
        if changes.rows:
            return None if changes.rows[0].message_id in recorded else error
        if changes.response:
            return DuplicateRequest(changes.response.key) if changes.response[:3] in used_keys else error
        return CommitOutcomeUnknown(repr(error))  # timers and unique keys alone do not identify a commit

    return [outcome_of(changes) for changes in batch]
