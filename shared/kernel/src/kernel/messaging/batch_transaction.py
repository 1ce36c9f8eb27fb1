"""Begin and end a batch's transaction: each with one statement, however large the batch is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from kernel.errors import Conflict
from kernel.messaging.handled_versions import HandledVersions
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection, columns

OPEN = """
    WITH before AS (
        SELECT topic, part, redriven FROM consumer_offset WHERE grp = $1
    ), moved AS (
        UPDATE consumer_offset o SET next_offset = v.next, generation = greatest(o.generation, v.generation)
        FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::int[])
             AS v (topic, part, expected, next, generation)
        WHERE o.grp = $1 AND o.topic = v.topic AND o.part = v.part
          AND o.next_offset = v.expected AND o.cluster_id = $7
        RETURNING o.topic, o.part, o.redriven
    ), waiting AS (
        SELECT DISTINCT grp, record_key, reason = 'gap' AS gap,
               CASE WHEN reason = 'gap' THEN stream_id END AS stream_id
        FROM parked
        WHERE grp = ANY($8) AND resolved_at IS NULL AND record_key = ANY($10)
    )
    SELECT (SELECT count(*) FROM moved) AS moved, feira_now() AS now,
           EXISTS (SELECT FROM moved m JOIN before b USING (topic, part)
                   WHERE m.redriven <> b.redriven) AS outdated,
           seen.streams, seen.versions, behind.behind_scopes, behind.behind_streams, behind.handled,
           (SELECT array_agg(grp) FROM waiting WHERE NOT gap) AS blocked_scopes,
           (SELECT array_agg(record_key) FROM waiting WHERE NOT gap) AS blocked_keys,
           (SELECT array_agg(stream_id) FROM waiting WHERE gap) AS gaps
    FROM (SELECT array_agg(stream_id) AS streams, array_agg(version) AS versions FROM consumer_seen
          WHERE grp = $1 AND stream_id = ANY($9)) AS seen,
         (SELECT array_agg(grp) AS behind_scopes, array_agg(stream_id) AS behind_streams,
                array_agg(handled) AS handled
          FROM consumer_behind WHERE grp = ANY($8) AND stream_id = ANY($9)) AS behind
"""
STORE_VERSIONS = """
    WITH known AS (
        UPDATE consumer_seen s SET version = v.version
        FROM unnest($2::uuid[], $3::int[]) AS v (stream_id, version)
        WHERE s.grp = $1 AND s.stream_id = v.stream_id AND s.version < v.version
    )
    INSERT INTO consumer_seen (grp, stream_id, version) SELECT $1, * FROM unnest($4::uuid[], $5::int[])
"""
"""Known streams, and new ones. ON CONFLICT would write another record to the WAL for each row."""


@dataclass(frozen=True, slots=True)
class BatchTransaction:
    now: datetime
    seen: Mapping[UUID, int]
    """Stream -> last version that the group has accepted, for the batch's streams."""
    behind: HandledVersions
    """Last version handled, for each scope and stream with less handled than accepted."""
    blocked: frozenset[tuple[str, bytes | None]]
    """Scope and key whose records have to wait behind a dead letter."""
    gaps: frozenset[UUID]
    """Streams with a parked record that came before its predecessors."""

    def least_handled(self) -> Mapping[UUID, int]:
        """Stream -> the lowest of its ``behind`` versions."""
        least: dict[UUID, int] = {}
        for (_, stream_id), handled in self.behind.items():
            least[stream_id] = min(handled, least.get(stream_id, handled))
        return least


# failpoint: none needed (consumer-batch)
async def open_batch(
    connection: Connection,
    group: str,
    scopes: Sequence[str],
    moves: Iterable[tuple[str, int, int, int, int]],
    cluster_id: str,
    batch: Sequence[InboundMessage],
) -> tuple[int, BatchTransaction]:
    """Move the group's offsets, and read all state that deduplication and dispatch need.

    ``moves``: topic, partition, expected offset, next offset, generation. Returns how many offsets were
    moved. The locked offset rows exclude other handlers of these streams and keys, so one database snapshot
    serves for all. If an operator's replay held the rows while this statement waited, it is older than what
    the replay has done. Raises ``Conflict`` then: the same batch is to be retried.
    """
    streams = list({message.stream_id for message in batch})
    keys = list({message.record.key for message in batch})
    row: Any = await connection.fetchrow(
        OPEN, group, *columns(moves), cluster_id, [group, *scopes], streams, keys
    )
    if row["outdated"]:
        raise Conflict(f"parked records of {group} were replayed while this batch waited")
    blocked = zip(row["blocked_scopes"] or (), row["blocked_keys"] or (), strict=True)
    seen = dict(zip(row["streams"] or (), row["versions"] or (), strict=True))
    scopes_behind = zip(row["behind_scopes"] or (), row["behind_streams"] or (), strict=True)
    behind = dict(zip(scopes_behind, row["handled"] or (), strict=True))
    return row["moved"], BatchTransaction(
        row["now"], seen, behind, frozenset(blocked), frozenset(row["gaps"] or ())
    )


# failpoint: none needed (consumer-batch)
async def note_versions(
    connection: Connection, group: str, versions: Mapping[UUID, int], seen: Collection[UUID]
) -> None:
    """``seen``: those of the streams that the group has accepted something of, as read in this transaction,
    which excludes other handlers of these streams. New ones are written in the order of their ids, which
    keeps the pages of the index together."""
    if versions:
        streams = sorted(versions, key=attrgetter("int"))  # ten times as fast as comparing UUIDs
        known = [stream_id for stream_id in streams if stream_id in seen]
        new = [stream_id for stream_id in streams if stream_id not in seen]
        await connection.execute(
            STORE_VERSIONS, group, known, [versions[it] for it in known], new, [versions[it] for it in new]
        )
