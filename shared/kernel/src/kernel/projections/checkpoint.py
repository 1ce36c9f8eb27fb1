"""Checkpoint of a read model per partition: how many facts it has applied, and a digest over them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from kernel.messaging.inbound import InboundMessage
from kernel.projections.model import ReadModel
from kernel.store.writing import Connection, columns

LOAD_DIGESTS = """
    SELECT topic, part, digest FROM {checkpoints} s
    JOIN unnest($3::text[], $4::int[]) AS v (topic, part) USING (topic, part)
    WHERE name = $1 AND version = $2 FOR UPDATE OF s
"""
ADVANCE = """
    INSERT INTO {checkpoints} AS s (name, version, topic, part, applied_count, first_offset, last_offset,
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


class CheckpointAdvance(NamedTuple):
    """What a batch adds to one row of ``read_model_state``; the model's name and version are parameters."""

    topic: str
    part: int
    applied_count: int
    first_offset: int
    last_offset: int
    last_recorded_at: datetime
    digest: bytes


# failpoint: none needed (consumer-batch), 2 calls
async def advance_checkpoint(
    model: ReadModel, batch: Sequence[InboundMessage], connection: Connection
) -> None:
    """Runs in the transaction that applies ``batch``."""
    by_partition: defaultdict[Partition, list[InboundMessage]] = defaultdict(list)
    for message in batch:
        by_partition[message.record.topic, message.record.partition].append(message)
    load = LOAD_DIGESTS.format(checkpoints=model.checkpoints)
    rows = await connection.fetch(load, model.name, model.version, *columns(sorted(by_partition)))
    digests = {(row["topic"], row["part"]): row["digest"] for row in rows}
    advances = [
        _advance(partition, applied, digests.get(partition, b""))
        for partition, applied in sorted(by_partition.items())
    ]
    advance = ADVANCE.format(checkpoints=model.checkpoints)
    await connection.execute(advance, model.name, model.version, *columns(advances))


def _advance(partition: Partition, applied: Sequence[InboundMessage], digest: bytes) -> CheckpointAdvance:
    for message in applied:
        digest = sha256(digest + message.message_id.bytes).digest()
    last = applied[-1]
    return CheckpointAdvance(
        *partition, len(applied), applied[0].record.offset, last.record.offset, last.recorded_at, digest
    )
