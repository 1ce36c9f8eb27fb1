"""Swap: replace a read model's live rows by its shadow's in one transaction. Readers see either all of the
old rows or all of the new ones.

Rows that differ are updated in place, so the tables keep their names, grants, policies and views. The live
projector waits at the end of a batch meanwhile; readers never wait.
"""

from __future__ import annotations

import asyncpg

from kernel.projections.rebuild.diff import Differences, apply_differences, compare, compared_tables
from kernel.projections.rebuild.shadow import Shadow
from kernel.store.writing import Connection

# A waiting lock request blocks all later ones on the table, so give up early and retry.
SHORT_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
LOCK_OFFSETS = "LOCK TABLE consumer_offset IN EXCLUSIVE MODE"
LOCK_DEAD_LETTERS = "SELECT FROM parked WHERE grp = $1 AND resolved_at IS NULL FOR UPDATE"
LOCK_TABLES = "LOCK TABLE {table}, {subjects}, {checkpoints} IN SHARE ROW EXCLUSIVE MODE"

DELETE_CHECKPOINTS = "DELETE FROM {live} WHERE name = $1"
COPY_CHECKPOINTS = "INSERT INTO {live} SELECT * FROM {shadow}"
STORE_VERSION = """
    INSERT INTO read_model (name, version) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, since = now()
    WHERE read_model.version <> excluded.version
"""
RESOLVE_DEAD_LETTERS = """
    UPDATE parked SET resolved_at = now(), resolution = 'applied by a rebuild'
    WHERE grp = $1 AND resolved_at IS NULL
"""


class TablesBusy(Exception):
    """Other writers hold a lock; nothing was changed. Retry later."""


# failpoint: none needed (rebuild-transaction), 3 calls
async def lock_writers(shadow: Shadow, connection: Connection) -> None:
    """Until the transaction ends, block everything else that advances the consumer's offsets, replays dead
    letters of this read model or writes its tables. Raises ``TablesBusy``."""
    model = shadow.model
    lock_tables = LOCK_TABLES.format(
        table=model.table, subjects=model.subjects, checkpoints=model.checkpoints
    )
    try:
        await connection.execute(SHORT_LOCK_TIMEOUT)
        await connection.execute(LOCK_OFFSETS)
        await connection.execute(LOCK_DEAD_LETTERS, model.scope)
        await connection.execute(lock_tables)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise TablesBusy from error


# failpoint: none needed (rebuild-transaction), 4 calls
async def swap(shadow: Shadow, connection: Connection) -> Differences:
    """Requires the writers to be locked and the shadow to have reached the live consumer's offsets."""
    live, shadow_model = shadow.model, shadow.shadow_model
    tables = compared_tables(live)
    differences = await compare(tables, connection)
    for table in tables:
        await apply_differences(table, connection)
    await connection.execute(DELETE_CHECKPOINTS.format(live=live.checkpoints), live.name)
    await connection.execute(COPY_CHECKPOINTS.format(live=live.checkpoints, shadow=shadow_model.checkpoints))
    await connection.execute(STORE_VERSION, live.name, live.version)
    await connection.execute(RESOLVE_DEAD_LETTERS, live.scope)
    return differences
