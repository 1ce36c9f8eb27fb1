"""Dead letters as operators see them; records without a tenant are shown without key, body and error."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field

from kernel.http.requests import Body, ShortText
from kernel.messaging.dead_letters.admin import ReplayResult
from kernel.messaging.dead_letters.model import DeadLetter
from kernel.parsing import Malformed, loads

MAX_BODY_BYTES = 256 * 1024
MAX_KEY_LENGTH = 200


class Discarding(Body):
    reason: ShortText


class ParkedView(BaseModel):
    """``error`` and ``key`` are null if the record has no tenant."""

    parked_id: int
    scope: str
    topic: str
    partition: int
    offset: int
    key: str | None = None
    type: str | None = None
    tenant: str | None = None
    stream_id: UUID | None = None
    version: int | None = None
    reason: str
    error: str | None = None
    attempts: int
    parked_at: datetime
    resolved_at: datetime | None = None
    resolution: str | None = None

    @classmethod
    def of(cls, dead_letter: DeadLetter) -> Self:
        key = (dead_letter.record.key or b"").decode(errors="replace")[:MAX_KEY_LENGTH]
        return cls(
            parked_id=dead_letter.parked_id,
            scope=dead_letter.scope,
            topic=dead_letter.record.topic,
            partition=dead_letter.record.partition,
            offset=dead_letter.record.offset,
            key=key if dead_letter.tenant else None,
            type=dead_letter.type,
            tenant=dead_letter.tenant,
            stream_id=dead_letter.stream_id,
            version=dead_letter.version,
            reason=dead_letter.reason,
            error=dead_letter.error if dead_letter.tenant else None,
            attempts=dead_letter.attempts,
            parked_at=dead_letter.parked_at,
            resolved_at=dead_letter.resolved_at,
            resolution=dead_letter.resolution,
        )


class ActView(BaseModel):
    act: str
    actor: str
    reason: str | None = None
    outcome: str
    acted_at: datetime


class ParkedWhole(ParkedView):
    """``body`` is JSON, ``body_base64`` any other value; both are null if the value is very large."""

    headers: dict[str, str | None]
    body: Any = None
    body_base64: str | None = None
    body_bytes: int
    acts: list[ActView]

    @classmethod
    def with_acts(cls, dead_letter: DeadLetter, acts: Sequence[asyncpg.Record]) -> Self:
        return cls(
            **ParkedView.of(dead_letter).model_dump(),
            headers=_headers(dead_letter),
            **(_body(dead_letter) if dead_letter.tenant else {}),
            body_bytes=len(dead_letter.record.value or b""),
            acts=[ActView.model_validate(dict(row)) for row in acts],
        )


class DoneView(BaseModel):
    """``record`` as it is now; ``waiting`` counts the open records of its key, ``next`` is the first."""

    record: ParkedView
    handled: Annotated[int, Field(description="How many records were resolved, this one included.")]
    failed: int
    waiting: int
    next: int | None = None

    @classmethod
    def of(cls, result: ReplayResult) -> Self:
        return cls(
            record=ParkedView.of(result.record),
            handled=result.handled,
            failed=result.failed,
            waiting=result.waiting,
            next=result.first_waiting,
        )


def _headers(dead_letter: DeadLetter) -> dict[str, str | None]:
    values = {name: (value or b"").decode(errors="replace") for name, value in dead_letter.record.headers}
    return {name: value if dead_letter.tenant else None for name, value in values.items()}


def _body(dead_letter: DeadLetter) -> dict[str, Any]:
    raw = dead_letter.record.value
    if raw is None or len(raw) > MAX_BODY_BYTES:
        return {}
    try:
        return {"body": loads(raw)}
    except Malformed:
        return {"body_base64": b64encode(raw).decode()}
