"""What a route answers, and how it is kept for a repetition of the same request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel

from kernel.faults import failpoints
from kernel.http.problems import MEDIA_TYPE
from kernel.service_pool import ServicePool
from kernel.store.changes import StoredResponse

FIND = """
    SELECT request_hash, subject, status, body, etag FROM idempotency
    WHERE tenant = $1 AND route = $2 AND key = $3
"""
COMPLETE = """
    UPDATE idempotency SET status = $4, body = $5, etag = $6
    WHERE tenant = $1 AND route = $2 AND key = $3 AND status IS NULL RETURNING status
"""


@dataclass(frozen=True, slots=True)
class Result:
    """``version`` is that of the aggregate which the content shows; it becomes the ETag."""

    content: BaseModel | Mapping[str, Any] | None = None
    version: int | None = None
    status: int = 200

    def rendered(self) -> SerializedResponse:
        match self.content:
            case None:
                body = b""
            case BaseModel():
                body = self.content.model_dump_json().encode()
            case _:
                body = orjson.dumps(self.content)
        return SerializedResponse(self.status, body, None if self.version is None else f'"{self.version}"')


class SerializedResponse(NamedTuple):
    status: int
    body: bytes
    etag: str | None = None

    def response(self, *, replayed: bool = False) -> Response:
        headers: dict[str, str] = {}
        if self.body:
            headers["Content-Type"] = MEDIA_TYPE if self.status >= 400 else "application/json"
        if self.etag:
            headers["ETag"] = self.etag
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Response(self.body, self.status, headers)


class IdempotencySlot(NamedTuple):
    """The place of one idempotency key, and what the request that holds it looks like."""

    tenant: str
    route: str
    key: str
    request_hash: bytes

    def answered(self, it: SerializedResponse, now: datetime) -> StoredResponse:
        return StoredResponse(*self, None, it.status, it.body, it.etag, now)

    def begun(self, subject: UUID, now: datetime) -> StoredResponse:
        """The facts are stored; the answer will follow from what becomes of the subject."""
        return StoredResponse(*self, subject, None, None, None, now)


class PriorResponse(NamedTuple):
    request_hash: bytes
    subject: UUID | None
    answer: SerializedResponse | None


async def find(pool: ServicePool, slot: IdempotencySlot) -> PriorResponse | None:
    rows = await pool.fetch_for_tenant(slot.tenant, FIND, slot.route, slot.key)
    if not rows:
        return None
    (row,) = rows
    done = row["status"] is not None
    answer = SerializedResponse(row["status"], row["body"] or b"", row["etag"]) if done else None
    return PriorResponse(row["request_hash"], row["subject"], answer)


async def complete(
    pool: ServicePool, slot: IdempotencySlot, answer: SerializedResponse
) -> SerializedResponse:
    """Keep the answer to what was begun; whoever was first has decided what it is."""
    failpoints.active and await failpoints.hit("http.before_answer_kept")
    first = await pool.fetchval(COMPLETE, *slot[:3], *answer)
    failpoints.active and await failpoints.hit("http.after_answer_kept")
    if first:
        return answer
    kept = await find(pool, slot)
    return kept.answer if kept and kept.answer else answer
