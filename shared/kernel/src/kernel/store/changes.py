"""What one unit of work leaves behind: stored whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


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
    """1: whoever stores it has begun it already."""


class FiredTimer(NamedTuple):
    """A timer as somebody took it to call the outside world; whoever sets it anew changes when it is due."""

    subject: UUID
    kind: str
    due_at: datetime


class KeyClaim(NamedTuple):
    tenant: str
    kind: str
    value: str
    holder: UUID


class StoredResponse(NamedTuple):
    """What a repeated request with the same idempotency key will be told."""

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
    fired_timers: FiredTimer | None = None
    """The timer that this is the answer to. Where nothing is recorded, no version tells whether somebody else
    was first: then it is struck off, or moved, only if it still is as it was taken."""
    claimed_keys: dict[tuple[str, str, str], KeyClaim] = field(default_factory=dict)
    released_keys: set[tuple[str, str, str]] = field(default_factory=set)
    """Names that are let go, before any is taken: one may be in both."""
    answer: StoredResponse | None = None

    @property
    def of_taken(self) -> tuple[UUID, str] | None:
        """Which of its timers is to be compared."""
        key = self.fired_timers[:2] if self.fired_timers and not self.rows else None
        return key if key in self.timers else None

    def __bool__(self) -> bool:
        return bool(self.rows or self.timers or self.claimed_keys or self.released_keys or self.answer)


AfterCommit = Callable[[Changes], None]
"""Runs in the process that committed, once the changes are stored: to wake loops and to count, never for
rules."""
