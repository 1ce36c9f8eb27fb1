"""Let a read model say what its shadow says, in one transaction: readers see the old rows or the new ones.

The rows that differ are replaced where they stand, so the tables keep their names, rights and policies, and
views on them go on. Live applying waits meanwhile at the end of a batch; readers never wait.
"""

from __future__ import annotations

import asyncpg

from kernel.store.writing import Connection
from projections.adapters.rebuild.diff import Differences, apply_differences, compare, tables_of
from projections.adapters.rebuild.shadow import Shadow

# other writers are patient; a lock that is waited for holds up everybody behind it
SHORT = "SET LOCAL lock_timeout = '2s'"
HALT_CONSUMERS = "LOCK TABLE consumer_offset IN EXCLUSIVE MODE"
HOLD_PARKED = "SELECT FROM parked WHERE grp = $1 AND resolved_at IS NULL FOR UPDATE"
HALT_WRITERS = "LOCK TABLE {table}, {subjects}, {progress} IN SHARE ROW EXCLUSIVE MODE"

FORGET_PROGRESS = "DELETE FROM {live} WHERE name = $1"
TAKE_PROGRESS = "INSERT INTO {live} SELECT * FROM {aside}"
TAKE_VERSION = """
    INSERT INTO read_model (name, version) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, since = now()
    WHERE read_model.version <> excluded.version
"""
APPLIED_PARKED = """
    UPDATE parked SET resolved_at = now(), resolution = 'applied by a rebuild'
    WHERE grp = $1 AND resolved_at IS NULL
"""


class TablesBusy(Exception):
    """Somebody else is writing just now: try again."""


# failpoint: none needed (rebuild-transaction), 3 calls
async def lock_writers(shadow: Shadow, connection: Connection) -> None:
    """From here to the end of the transaction nobody else moves the consumer's places, handles parked records
    of this read model or writes its tables. Raises ``TablesBusy`` before anything was done."""
    model = shadow.model
    writers = HALT_WRITERS.format(table=model.table, subjects=model.subjects, progress=model.progress)
    try:
        await connection.execute(SHORT)
        await connection.execute(HALT_CONSUMERS)
        await connection.execute(HOLD_PARKED, model.scope)
        await connection.execute(writers)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as waited:
        raise TablesBusy from waited


# failpoint: none needed (rebuild-transaction), 4 calls
async def swap(shadow: Shadow, connection: Connection) -> Differences:
    """With the shadow at the very place where the live read model was halted."""
    model, aside = shadow.model, shadow.aside
    tables = tables_of(model)
    differences = await compare(tables, connection)
    for it in tables:
        await apply_differences(it, connection)
    await connection.execute(FORGET_PROGRESS.format(live=model.progress), model.name)
    await connection.execute(TAKE_PROGRESS.format(live=model.progress, aside=aside.progress))
    await connection.execute(TAKE_VERSION, model.name, model.version)
    await connection.execute(APPLIED_PARKED, model.scope)
    return differences
