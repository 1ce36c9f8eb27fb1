"""Swap: replace a read model's live rows by its shadow's in one transaction. Readers see either all of the
old rows or all of the new ones.

Rows that differ are updated in place, so the tables keep their names, grants, policies and views. The live
projector waits at the end of a batch meanwhile; readers never wait.
"""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
from aiokafka import TopicPartition

from kernel.projections.rebuild.diff import Differences, apply_differences, compare, compared_tables
from kernel.projections.rebuild.shadow import Shadow
from kernel.store.writing import Connection, columns

# A waiting lock request blocks all later ones on the table, so give up early and retry.
SHORT_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
# counts as a replay: a batch that waits for the rows meanwhile has to look again at what is parked
LOCK_OFFSETS = """
    WITH own AS (SELECT topic, part FROM consumer_offset WHERE grp = $1 ORDER BY topic, part FOR UPDATE)
    UPDATE consumer_offset o SET redriven = redriven + 1 FROM own
    WHERE o.grp = $1 AND o.topic = own.topic AND o.part = own.part
"""
LOCK_DEAD_LETTERS = "SELECT FROM parked WHERE grp = $1 AND resolved_at IS NULL FOR UPDATE"
LOCK_TABLES = "LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"
LOCK_CHECKPOINTS = "SELECT FROM {checkpoints} WHERE name = $1 FOR UPDATE"  # the table is all read models'

CARRY_OFFSETS = """
    INSERT INTO consumer_offset AS o (grp, topic, part, cluster_id, generation, next_offset)
    SELECT $1, topic, part, $2, 0, next_offset FROM unnest($3::text[], $4::int[], $5::bigint[])
        AS v (topic, part, next_offset)
    ON CONFLICT (grp, topic, part) DO UPDATE SET next_offset = excluded.next_offset
    WHERE o.next_offset < excluded.next_offset
"""
CARRY_SEEN = """
    INSERT INTO consumer_seen AS s (grp, stream_id, version) SELECT $1, stream_id, version FROM pg_temp.seen
    ON CONFLICT (grp, stream_id) DO UPDATE SET version = excluded.version WHERE s.version < excluded.version
"""

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


# failpoint: none needed (rebuild-transaction), 4 calls
async def lock_writers(shadow: Shadow, connection: Connection) -> None:
    """Until the transaction ends, block everything else that advances the offsets of this read model, replays
    its dead letters or writes its tables. No other read model waits. Raises ``TablesBusy``."""
    model = shadow.model
    lock_tables = LOCK_TABLES.format(tables=", ".join(model.qualified(table.name) for table in model.tables))
    lock_checkpoints = LOCK_CHECKPOINTS.format(checkpoints=model.checkpoints)
    try:
        await connection.execute(SHORT_LOCK_TIMEOUT)
        await connection.execute(LOCK_OFFSETS, model.scope)
        await connection.execute(LOCK_DEAD_LETTERS, model.scope)
        await connection.execute(lock_tables)
        await connection.execute(lock_checkpoints, model.name)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        raise TablesBusy from error


# failpoint: none needed (rebuild-transaction), 2 calls
async def carry_forward(
    shadow: Shadow, offsets: Mapping[TopicPartition, int], cluster_id: str, connection: Connection
) -> None:
    """Let the live read model continue where the shadow is, which is further than it was itself: the topics
    were read for other read models, too. Requires the writers to be locked."""
    scope = shadow.model.scope
    rows = [(partition.topic, partition.partition, offset) for partition, offset in offsets.items()]
    await connection.execute(CARRY_OFFSETS, scope, cluster_id, *columns(rows))
    await connection.execute(CARRY_SEEN, scope)


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
