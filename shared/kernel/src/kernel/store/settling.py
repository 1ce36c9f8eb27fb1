"""Find out what became of saves whose commit was not confirmed: the work may outlive its connection."""

from __future__ import annotations

import asyncio

import asyncpg

from kernel.database import is_outage
from kernel.errors import KeyTaken, Unsettled
from kernel.faults import failpoints
from kernel.store.save import Save
from kernel.store.taken import taken_keys
from kernel.store.writing import ENTER_LOG, Connection, columns

WITHIN = 5.0
"""Seconds; a killed server is back sooner, and a caller still listens."""
PAUSE = 0.1

END_IT = """
    SELECT coalesce(bool_and(pg_terminate_backend(pid, $2)), true) FROM pg_stat_activity
    WHERE pid = $1 AND datname = current_database() AND usename = current_user
"""

RECORDED = (
    "SELECT message_id FROM log WHERE (stream_id, version) IN (SELECT * FROM unnest($1::uuid[], $2::int[]))"
)


# failpoint: 2 calls
async def settle(
    pool: asyncpg.Pool[asyncpg.Record], saves: list[Save], lost: Exception, backend: int
) -> list[Exception | None]:
    """How each has ended: as stored, as refused with what was ``lost``, or ``Unsettled`` if nobody tells.

    The ``backend`` that had them may not know that its client has gone, and wait for a row before it takes
    the log's lock: it must not store, later, what has been told as not done. So it is ended first.
    """
    deadline = asyncio.get_running_loop().time() + WITHIN
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(END_IT, backend, int(WITHIN * 1000)):
                    raise TimeoutError(f"backend {backend} does not end")
                await connection.execute(ENTER_LOG)  # what was sent before us has ended when we get it
                failpoints.active and await failpoints.reach("append.while_settling")
                return await _ended(connection, saves, lost)
        except Exception as away:
            if not is_outage(away):
                raise
            if asyncio.get_running_loop().time() > deadline:
                return [Unsettled(repr(lost)) for _ in saves]
            await asyncio.sleep(PAUSE)


async def _ended(connection: Connection, saves: list[Save], lost: Exception) -> list[Exception | None]:
    firsts = [save.rows[0] for save in saves if save.rows]
    places = [(it.stream_id, it.version) for it in firsts]
    rows = await connection.fetch(RECORDED, *columns(places)) if places else []
    recorded = {row["message_id"] for row in rows}
    taken = await taken_keys(connection, saves)

    def end_of(save: Save) -> Exception | None:
        if save.rows:
            return None if save.rows[0].message_id in recorded else lost
        if save.answer:
            return KeyTaken(save.answer.key) if save.answer[:3] in taken else lost
        return Unsettled(repr(lost))  # timers and names alone bear no mark

    return [end_of(save) for save in saves]
