"""Restore aggregates from snapshots, as far as the log confirms them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from asyncpg import Record

from contracts.registry import MessageRegistry
from kernel.domain import Aggregate
from kernel.store.snapshots.due import DueSnapshots
from kernel.store.snapshots.fold import fold_of
from kernel.store.snapshots.state_codec import codec_of
from kernel.store.writing import Connection

LOGGER = structlog.get_logger()

SNAPSHOTS = """
    SELECT s.stream_id, s.fold, s.version, s.state, EXISTS (
        SELECT FROM {} WHERE (stream_id, version, message_id) = (s.stream_id, s.version, s.message_id)
    ) AS is_of_log
    FROM unnest($1::uuid[], $2::bytea[]) AS wanted (stream_id, fold)
    JOIN snapshots s USING (stream_id, fold) WHERE s.tenant = $3
"""
"""A snapshot is of the log if the log holds its fact: one that is ahead of a restored log, or of another
history of the stream, is not."""


async def restore(
    connection: Connection,
    tenant: str,
    aggregates: Sequence[Aggregate],
    messages: MessageRegistry,
    snapshots: DueSnapshots,
    log: str,
) -> frozenset[UUID]:
    """Set the state of those empty aggregates that have a usable snapshot, and return their ids.
    ``snapshots`` gets those that contradict the log or cannot be read."""
    by_id = {it.id: it for it in aggregates}
    folds = [fold_of(type(it), messages).version for it in by_id.values()]
    rows = await connection.fetch(SNAPSHOTS.format(log), list(by_id), folds, tenant)
    restored = {it["stream_id"] for it in rows if _set_state(by_id[it["stream_id"]], it, messages)}
    for row in rows:
        if row["stream_id"] not in restored:
            snapshots.note_unusable(row["stream_id"], row["fold"])
    return frozenset(restored)


def _set_state(aggregate: Aggregate, row: Record, messages: MessageRegistry) -> bool:
    """Whether the snapshot could be used."""
    stream, kind = str(aggregate.id), type(aggregate)
    if not row["is_of_log"]:
        LOGGER.warning("snapshot_contradicts_log", stream=stream)
        return False
    codec = codec_of(fold_of(kind, messages))
    try:
        restored = codec.from_bytes(kind, aggregate.id, row["version"], row["state"])
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        LOGGER.warning("snapshot_unreadable", stream=stream, error=type(error).__name__)
        return False
    vars(aggregate).update(vars(restored))
    return True
