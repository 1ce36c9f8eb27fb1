"""Records that the live read model has not applied: waiting dead letters and discarded ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import UUID

from kernel.messaging.dead_letters.model import BEFORE_DEDUPLICATION
from kernel.messaging.deduplication import Record
from kernel.projections.model import ReadModel
from kernel.projections.rebuild.errors import RunFailed
from kernel.store.writing import Connection

Kind: TypeAlias = Literal["rebuild", "verify"]
FactId: TypeAlias = "tuple[UUID, int]"
"""Stream id and version."""
Position: TypeAlias = "tuple[str, int, int, bytes | None, bytes | None]"
"""Topic, partition, offset, key and SHA-256 of the body. Offsets restart on a new Kafka cluster; key and body
then tell whether it is the same record."""

LOAD = """
    SELECT topic, part, record_offset, record_key, sha256(body) AS digest, stream_id, version,
           (SELECT it ->> 1 FROM jsonb_array_elements(headers) it WHERE it ->> 0 = 'ce_id') AS message_id,
           resolved_at IS NULL AS waits, reason = ANY($2) AS is_unread
    FROM parked
    WHERE (grp = $1 OR (stream_id IS NULL AND reason = ANY($2)))
      AND (resolved_at IS NULL OR resolution LIKE 'discarded%')
    ORDER BY grp = $1
"""
"""With the records that other read models could not read: a new read model has parked nothing yet, and meets
them as well. Rows of the own group come last, and decide."""


@dataclass(frozen=True, slots=True)
class SkippedRecords:
    """Record -> whether the run may skip it (True) or must fail on it (False)."""

    facts: dict[FactId, dict[str | None, bool]] = field(default_factory=dict)
    """Per fact by message id: another message with the same stream and version is another fact."""
    positions: dict[Position, bool] = field(default_factory=dict)

    def skips(self, fact: FactId, record: Record) -> bool:
        """Raises ``RunFailed`` if the run must not skip the record."""
        messages = self.facts.get(fact)
        return messages is not None and self._decide(messages.get(message_id(record)), record)

    def skips_unreadable(self, record: Record) -> bool:
        """Raises ``RunFailed`` if the run must not skip the record."""
        digest = None if record.value is None else sha256(record.value).digest()
        position = record.topic, record.partition, record.offset, record.key, digest
        return self._decide(self.positions.get(position), record)

    @staticmethod
    def _decide(may_skip: bool | None, record: Record) -> bool:
        if may_skip is False:
            raise RunFailed(f"{describe(record)} is parked and could not be read: retry or discard it first.")
        return may_skip is True


def message_id(record: Record) -> str | None:
    return next((value.decode() for name, value in record.headers if name == "ce_id" and value), None)


def describe(record: Record) -> str:
    return f"The record at {record.topic}/{record.partition}, offset {record.offset},"


async def load_skipped_records(model: ReadModel, kind: Kind, connection: Connection) -> SkippedRecords:
    """A verification skips everything that the live read model has skipped. A rebuild skips only discarded
    records. It tries those that could not be applied, since the code may be able to now, and fails on those
    that could not be read."""
    skipped = SkippedRecords()
    for row in await connection.fetch(LOAD, model.scope, sorted(BEFORE_DEDUPLICATION)):
        if kind == "rebuild" and row["waits"] and not row["is_unread"]:
            continue
        may_skip = kind == "verify" or not row["waits"]
        if row["stream_id"] is not None:
            fact = row["stream_id"], row["version"]
            skipped.facts.setdefault(fact, {})[row["message_id"]] = may_skip
        position = row["topic"], row["part"], row["record_offset"], row["record_key"], row["digest"]
        skipped.positions[position] = may_skip
    return skipped
