"""Put records aside that cannot be handled, with their reason; nothing is lost, other keys go on."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
import structlog

from kernel.messaging.deduplication import Parked
from kernel.messaging.inbound import CARD_NUMBER, InvalidMessage
from kernel.messaging.transient import is_conflict
from kernel.store.writing import Connection, columns

LOG = structlog.get_logger()
PARK = """
    INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, tenant, type,
                        stream_id, version, reason, error)
    SELECT $1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12, $13
    WHERE NOT EXISTS (
        SELECT 1 FROM parked WHERE grp = $1 AND topic = $2 AND part = $3 AND record_offset = $4
        AND record_key IS NOT DISTINCT FROM $5 AND headers = $6::text::jsonb AND body IS NOT DISTINCT FROM $7
    )
"""
"""The same record lies there once, however often a topic is read again from its beginning."""
GAP_CLOSED = """
    UPDATE parked p SET resolved_at = now(), resolution = 'arrived in order'
    FROM unnest($2::uuid[], $3::int[]) AS reached (stream_id, version)
    WHERE p.grp = $1 AND p.resolved_at IS NULL AND p.reason = 'gap'
      AND p.stream_id = reached.stream_id AND p.version <= reached.version
"""


# failpoint: none needed (consumer-batch)
async def park(scope: str, parked: Sequence[Parked], connection: Connection) -> None:
    await connection.executemany(PARK, [_row(scope, it) for it in parked])


def log_parked(scope: str, it: Parked) -> None:
    """Where it lies, and nothing of what it holds."""
    record = it.record
    where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    LOG.warning("record_parked", group=scope, reason=it.reason, **where)


# failpoint: none needed (consumer-batch)
async def close_gaps(group: str, reached: Mapping[UUID, int], connection: Connection) -> None:
    """What was put aside because it came too early is done with once it has come again, in its turn."""
    if reached:
        await connection.execute(GAP_CLOSED, group, *columns(reached.items()))


def reason_of(error: Exception) -> str:
    if isinstance(error, InvalidMessage):
        return error.reason
    return "contested" if is_conflict(error) else "failed"


def _row(scope: str, it: Parked) -> tuple[object, ...]:
    record, received = it.record, it.received
    headers = [stored_header(name, value) for name, value in record.headers]
    return (
        scope,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        orjson.dumps(headers).decode(),
        None if it.reason == CARD_NUMBER else record.value,
        received.tenant if received else None,
        received.type if received else None,
        received.stream_id if received else None,
        received.version if received else None,
        it.reason,
        _storable(it.error[:2000]),
    )


def stored_header(name: str, value: bytes | None) -> list[str | None]:
    """Name and value; what PostgreSQL takes for no text stands behind them as it was, in base 64: a record
    that is tried again must not have become a better one meanwhile."""
    if value is None:
        return [_storable(name), None]
    text = _storable(value)
    return (
        [_storable(name), text]
        if text.encode() == value
        else [_storable(name), None, b64encode(value).decode()]
    )


def original_header(stored: Sequence[str | None]) -> tuple[str, bytes | None]:
    name, text, *encoded = stored
    if encoded and encoded[0] is not None:
        return name or "", b64decode(encoded[0])
    return name or "", None if text is None else text.encode()


def _storable(text: str | bytes) -> str:
    """As PostgreSQL takes it: valid Unicode without NUL."""
    raw = text if isinstance(text, bytes) else text.encode(errors="replace")
    return raw.decode(errors="replace").replace("\0", "\ufffd")
