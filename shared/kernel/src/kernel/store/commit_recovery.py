"""Find out what became of saves whose commit was not confirmed: the work may outlive its connection."""

from __future__ import annotations

import asyncio

import asyncpg

from kernel.database import is_outage
from kernel.errors import CommitOutcomeUnknown, DuplicateRequest
from kernel.faults import failpoints
from kernel.store.changes import Changes
from kernel.store.conflict_detection import used_idempotency_keys
from kernel.store.writing import ENTER_LOG, Connection, columns

RECOVERY_TIMEOUT = 5.0
"""Seconds; a killed server is back sooner, and a caller still listens."""
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
    pool: asyncpg.Pool[asyncpg.Record], saves: list[Changes], lost: Exception, backend: int
) -> list[Exception | None]:
    """How each ended: stored, refused with what was ``lost``, or ``CommitOutcomeUnknown``.

    The ``backend`` that had them may not know that its client has gone, and wait for a row before it takes
    the log's lock: it must not store, later, what has been told as not done. So it is ended first.
    """
    deadline = asyncio.get_running_loop().time() + RECOVERY_TIMEOUT
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(TERMINATE_BACKEND, backend, int(RECOVERY_TIMEOUT * 1000)):
                    raise TimeoutError(f"backend {backend} does not end")
                await connection.execute(ENTER_LOG)  # what was sent before us has ended when we get it
                failpoints.active and await failpoints.hit("append.while_settling")
                return await _ended(connection, saves, lost)
        except Exception as away:
            if not is_outage(away):
                raise
            if asyncio.get_running_loop().time() > deadline:
                return [CommitOutcomeUnknown(repr(lost)) for _ in saves]
            await asyncio.sleep(RETRY_PAUSE_SECONDS)


async def _ended(connection: Connection, saves: list[Changes], lost: Exception) -> list[Exception | None]:
    firsts = [save.rows[0] for save in saves if save.rows]
    places = [(it.stream_id, it.version) for it in firsts]
    rows = await connection.fetch(RECORDED, *columns(places)) if places else []
    recorded = {row["message_id"] for row in rows}
    taken = await used_idempotency_keys(connection, saves)

    def end_of(save: Changes) -> Exception | None:
        if save.rows:
            return None if save.rows[0].message_id in recorded else lost
        if save.answer:
            return DuplicateRequest(save.answer.key) if save.answer[:3] in taken else lost
        return CommitOutcomeUnknown(repr(lost))  # timers and names alone bear no mark

    return [end_of(save) for save in saves]
