"""Turn a message into a row of the log: with its stream and version, its context and its time."""

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
