"""How far each read model is: what it has applied of each partition, and a digest of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from kernel.messaging.received import Received
from kernel.store.writing import Connection, columns
from projections.read_models.model import ReadModel

DIGESTS = """
    SELECT topic, part, digest FROM {progress} s
    JOIN unnest($3::text[], $4::int[]) AS v (topic, part) USING (topic, part)
    WHERE name = $1 AND version = $2 FOR UPDATE OF s
"""
ADVANCE = """
    INSERT INTO {progress} AS s (name, version, topic, part, applied_count, first_offset, last_offset,
                                       last_recorded_at, digest, updated_at)
    SELECT $1, $2, *, now()
    FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::timestamptz[],
                $9::bytea[])
    ON CONFLICT (name, version, topic, part) DO UPDATE
    SET applied_count = s.applied_count + excluded.applied_count,
        last_offset = greatest(s.last_offset, excluded.last_offset),
        last_recorded_at = greatest(s.last_recorded_at, excluded.last_recorded_at), digest = excluded.digest,
        updated_at = excluded.updated_at
"""

Partition = tuple[str, int]


class Advance(NamedTuple):
    """One row of ``read_model_state`` after a batch, but for its model."""

    topic: str
    part: int
    applied_count: int
    first_offset: int
    last_offset: int
    last_recorded_at: datetime
    digest: bytes


# failpoint: none needed (consumer-batch), 2 calls
async def advance_checkpoint(
    model: ReadModel[Any, Any], batch: Sequence[Received], connection: Connection
) -> None:
    """Stands in the same transaction as what was applied."""
    found: defaultdict[Partition, list[Received]] = defaultdict(list)
    for it in batch:
        found[it.record.topic, it.record.partition].append(it)
    known = DIGESTS.format(progress=model.progress)
    rows = await connection.fetch(known, model.name, model.version, *columns(sorted(found)))
    digests = {(row["topic"], row["part"]): row["digest"] for row in rows}
    advances = [_advance(it, applied, digests.get(it, b"")) for it, applied in sorted(found.items())]
    advance = ADVANCE.format(progress=model.progress)
    await connection.execute(advance, model.name, model.version, *columns(advances))


def _advance(partition: Partition, applied: Sequence[Received], digest: bytes) -> Advance:
    for it in applied:
        digest = sha256(digest + it.message_id.bytes).digest()
    last = applied[-1]
    return Advance(
        *partition, len(applied), applied[0].record.offset, last.record.offset, last.recorded_at, digest
    )
