"""Changes: what one unit of work will store, all together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from kernel.context import Context
from kernel.numbering import Draw


class LogRow(NamedTuple):
    """A row of the log without its position, in the order of ``LOG_COLUMNS``."""

    stream_id: UUID
    version: int
    message_id: UUID
    kind: str
    tenant: str
    topic: str
    key: UUID
    type: str
    schema_version: int
    body: bytes
    correlation_id: str
    causation_id: str
    actor: str
    traceparent: str | None
    recorded_at: datetime
    occurred_at: datetime | None


LOG_COLUMNS = LogRow._fields


class Timer(NamedTuple):
    subject: UUID
    kind: str
    tenant: str
    due_at: datetime
    payload: Mapping[str, Any]
    correlation_id: str
    causation_id: str
    traceparent: str | None
    occurred_at: datetime | None
    attempts: int = 0
    """1 if the process that stores the timer has already begun the call."""

    @classmethod
    def of(
        cls, context: Context, subject: UUID, kind: str, due_at: datetime, payload: Mapping[str, Any]
    ) -> Self:
        cause = context.correlation_id, context.causation_id, context.traceparent, context.occurred_at
        return cls(subject, kind, context.tenant, due_at, payload, *cause)


class LeasedTimer(NamedTuple):
    """A timer as it was when an outbound call leased it; setting the timer again changes ``due_at``."""

    subject: UUID
    kind: str
    due_at: datetime


class KeyClaim(NamedTuple):
    tenant: str
    kind: str
    value: str
    holder: UUID


class Statement(NamedTuple):
    """On a table of the service's own. It cannot fail: what is repeated changes nothing."""

    text: str
    arguments: tuple[Any, ...]


class StoredResponse(NamedTuple):
    """The response that a repeated request with the same idempotency key receives."""

    tenant: str
    route: str
    key: str
    request_hash: bytes
    subject: UUID | None
    status: int | None
    body: bytes | None
    etag: str | None
    recorded_at: datetime


@dataclass(slots=True)
class Changes:
    rows: list[LogRow] = field(default_factory=list)
    timers: dict[tuple[UUID, str], Timer | None] = field(default_factory=dict)
    """None: cancelled."""
    leased_timer: LeasedTimer | None = None
    """The timer whose outbound call this unit of work answers. If nothing is recorded, no stream version
    shows a conflict: then the timer is deleted, or moved, only if it is still as it was leased."""
    claimed_keys: dict[tuple[str, str, str], KeyClaim] = field(default_factory=dict)
    released_keys: set[tuple[str, str, str]] = field(default_factory=set)
    """Unique keys, as (tenant, kind, value); released before any is claimed, so a key may be in both."""
    response: StoredResponse | None = None
    statements: list[Statement] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    """Of numbers whose placeholders stand in the rows."""

    @property
    def compared_timer(self) -> tuple[UUID, str] | None:
        """The key in ``timers`` of the leased timer, if it has to be compared with its lease."""
        key = self.leased_timer[:2] if self.leased_timer and not self.rows else None
        return key if key in self.timers else None

    def __bool__(self) -> bool:
        return bool(
            self.rows
            or self.timers
            or self.claimed_keys
            or self.released_keys
            or self.response
            or self.statements
        )


AfterCommit = Callable[[Changes], None]
"""Called in the process that committed, once the changes are stored: to wake loops and to count, never for
rules."""
