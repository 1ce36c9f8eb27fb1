"""Dead letters as rows of ``parked``, and the Kafka records that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from aiokafka import ConsumerRecord

from kernel.messaging.dead_letters.store import original_header
from kernel.messaging.deduplication import Record

BEFORE_DEDUPLICATION = frozenset({"headers", "undecodable", "future_version", "gap"})
"""Reasons of records whose version does not count as accepted: a replay deduplicates them first."""

COLUMNS = """
    parked_id, grp, topic, part, record_offset, record_key, headers, body, tenant, type, stream_id, version,
    reason, error, parked_at, attempts, resolved_at, resolution
"""


@dataclass(slots=True)
class DeadLetter:
    """One row of ``parked``. The tenant is None if the envelope is unreadable."""

    parked_id: int
    scope: str
    record: Record
    tenant: str | None
    type: str | None
    stream_id: UUID | None
    version: int | None
    reason: str
    error: str
    parked_at: datetime
    attempts: int
    resolved_at: datetime | None
    resolution: str | None

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


def dead_letter_of(row: asyncpg.Record) -> DeadLetter:
    return DeadLetter(
        parked_id=row["parked_id"],
        scope=row["grp"],
        record=_record(row),
        tenant=row["tenant"],
        type=row["type"],
        stream_id=row["stream_id"],
        version=row["version"],
        reason=row["reason"],
        error=row["error"],
        parked_at=row["parked_at"],
        attempts=row["attempts"],
        resolved_at=row["resolved_at"],
        resolution=row["resolution"],
    )


def _record(row: asyncpg.Record) -> Record:
    """The record as it was consumed, without the broker's fields that no handler reads."""
    key, body = row["record_key"], row["body"]
    return ConsumerRecord(
        topic=row["topic"],
        partition=row["part"],
        offset=row["record_offset"],
        timestamp=-1,
        timestamp_type=0,
        key=key,
        value=body,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(body or b""),
        headers=tuple(original_header(stored) for stored in row["headers"]),
    )
