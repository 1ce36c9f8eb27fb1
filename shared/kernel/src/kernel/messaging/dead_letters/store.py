"""Park records that cannot be handled, with their reason. Nothing is lost, and other keys continue."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
import structlog

from kernel.messaging.deduplication import NewDeadLetter
from kernel.messaging.inbound import CARD_NUMBER, InvalidMessage
from kernel.messaging.transient import is_conflict
from kernel.observability.trace_ids import trace_ids
from kernel.store.writing import Connection, columns

LOG = structlog.get_logger()
MAX_ERROR_LENGTH = 2000
INSERT_PARKED = """
    INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, tenant, type,
                        stream_id, version, reason, error)
    SELECT $1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12, $13
    WHERE NOT EXISTS (
        SELECT 1 FROM parked WHERE grp = $1 AND topic = $2 AND part = $3 AND record_offset = $4
        AND record_key IS NOT DISTINCT FROM $5 AND headers = $6::text::jsonb AND body IS NOT DISTINCT FROM $7
    )
"""
"""A record is stored once, however often its topic is reread from the beginning."""
RESOLVE_GAPS = """
    UPDATE parked p SET resolved_at = now(), resolution = 'arrived in order'
    FROM unnest($2::uuid[], $3::int[]) AS accepted (stream_id, version)
    WHERE p.grp = $1 AND p.resolved_at IS NULL AND p.reason = 'gap'
      AND p.stream_id = accepted.stream_id AND p.version <= accepted.version
"""


# failpoint: none needed (consumer-batch)
async def park(scope: str, parked: Sequence[NewDeadLetter], connection: Connection) -> None:
    await connection.executemany(INSERT_PARKED, [_row(scope, dead_letter) for dead_letter in parked])


def log_parked(scope: str, dead_letter: NewDeadLetter) -> None:
    """Log the record's position, and nothing of its content."""
    record = dead_letter.record
    position = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    trace = trace_ids(dead_letter.message.traceparent) if dead_letter.message else {}
    LOG.warning("record_parked", group=scope, reason=dead_letter.reason, **position, **trace)


# failpoint: none needed (consumer-batch)
async def close_gaps(group: str, versions: Mapping[UUID, int], connection: Connection) -> None:
    """Resolve the dead letters of records that came before their predecessors and have now come in order."""
    if versions:
        await connection.execute(RESOLVE_GAPS, group, *columns(versions.items()))


def reason_of(error: Exception) -> str:
    if isinstance(error, InvalidMessage):
        return error.reason
    return "contested" if is_conflict(error) else "failed"


def _row(scope: str, dead_letter: NewDeadLetter) -> tuple[object, ...]:
    record, message = dead_letter.record, dead_letter.message
    headers = [stored_header(name, value) for name, value in record.headers]
    return (
        scope,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        orjson.dumps(headers).decode(),
        None if dead_letter.reason == CARD_NUMBER else record.value,
        message.tenant if message else None,
        message.type if message else None,
        message.stream_id if message else None,
        message.version if message else None,
        dead_letter.reason,
        storable(dead_letter.error[:MAX_ERROR_LENGTH]),
    )


def stored_header(name: str, value: bytes | None) -> list[str | None]:
    """Name and text; the bytes follow in base 64 if PostgreSQL cannot store them as text: a replay must not
    turn an invalid header into a valid one."""
    if value is None:
        return [storable(name), None]
    text = storable(value)
    return (
        [storable(name), text]
        if text.encode() == value
        else [storable(name), None, b64encode(value).decode()]
    )


def original_header(stored: Sequence[str | None]) -> tuple[str, bytes | None]:
    name, text, *encoded = stored
    if encoded and encoded[0] is not None:
        return name or "", b64decode(encoded[0])
    return name or "", None if text is None else text.encode()


def storable(text: str | bytes) -> str:
    """Text that PostgreSQL can store: valid Unicode without NUL."""
    raw = text if isinstance(text, bytes) else text.encode(errors="replace")
    return raw.decode(errors="replace").replace("\0", "\ufffd")
