"""A message as the log holds it: with its place, and on whose behalf and when it was decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.envelope import Message
from kernel.context import Context
from kernel.store.changes import LogRow


def to_log_row(
    message: Message,
    topic: str,
    context: Context,
    now: datetime,
    kind: str,
    stream: UUID,
    version: int,
    message_id: UUID,
    key: UUID,
) -> LogRow:
    return LogRow(
        stream,
        version,
        message_id,
        kind,
        context.tenant,
        topic,
        key,
        message.TYPE,
        message.SCHEMA_VERSION,
        message.body(),
        context.correlation_id,
        context.causation_id,
        context.actor,
        context.traceparent,
        now,
        context.occurred_at,
    )
