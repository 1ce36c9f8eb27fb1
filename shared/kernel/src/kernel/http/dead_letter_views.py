"""Parked records as operators see them: their tenant's whole, nobody's without what is in them."""

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

LARGEST_BODY = 256 * 1024
LONGEST_KEY = 200


class Discarding(Body):
    reason: ShortText


class ParkedView(BaseModel):
    """``error`` and ``key`` are left out where nobody can tell whose the record is."""

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
    def of(cls, it: DeadLetter) -> Self:
        key = (it.record.key or b"").decode(errors="replace")[:LONGEST_KEY]
        return cls(
            parked_id=it.parked_id,
            scope=it.scope,
            topic=it.record.topic,
            partition=it.record.partition,
            offset=it.record.offset,
            key=key if it.tenant else None,
            type=it.type,
            tenant=it.tenant,
            stream_id=it.stream_id,
            version=it.version,
            reason=it.reason,
            error=it.error if it.tenant else None,
            attempts=it.attempts,
            parked_at=it.parked_at,
            resolved_at=it.resolved_at,
            resolution=it.resolution,
        )


class ActView(BaseModel):
    act: str
    actor: str
    reason: str | None = None
    outcome: str
    acted_at: datetime


class ParkedWhole(ParkedView):
    """``body`` as JSON; what is none, in base 64. A very large one is left out."""

    headers: dict[str, str | None]
    body: Any = None
    body_base64: str | None = None
    body_bytes: int
    acts: list[ActView]

    @classmethod
    def with_acts(cls, it: DeadLetter, acts: Sequence[asyncpg.Record]) -> Self:
        told = [ActView.model_validate(dict(row)) for row in acts]
        return cls(
            **ParkedView.of(it).model_dump(),
            headers=_headers(it),
            **(_body(it) if it.tenant else {}),
            body_bytes=len(it.record.value or b""),
            acts=told,
        )


class DoneView(BaseModel):
    """``record`` as it is now, and how many of the key's others wait still: ``next`` is the first of them."""

    record: ParkedView
    handled: Annotated[int, Field(description="Records that are done with, this one included.")]
    failed: int
    waiting: int
    next: int | None = None

    @classmethod
    def of(cls, it: ReplayResult) -> Self:
        return cls(
            record=ParkedView.of(it.record),
            handled=it.handled,
            failed=it.failed,
            waiting=it.waiting,
            next=it.first_waiting,
        )


def _headers(it: DeadLetter) -> dict[str, str | None]:
    values = {name: (value or b"").decode(errors="replace") for name, value in it.record.headers}
    return {name: value if it.tenant else None for name, value in values.items()}


def _body(it: DeadLetter) -> dict[str, Any]:
    raw = it.record.value
    if raw is None or len(raw) > LARGEST_BODY:
        return {}
    try:
        return {"body": loads(raw)}
    except Malformed:
        return {"body_base64": b64encode(raw).decode()}
