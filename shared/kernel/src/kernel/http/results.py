"""What a route returns, and how its response is stored for a repetition of the same request."""

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
from kernel.postgres.service_pool import ServicePool
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
    """``version``: of the aggregate that ``content`` shows; it becomes the ETag. ``status``: None for the
    status of the route."""

    content: BaseModel | Mapping[str, Any] | None = None
    version: int | None = None
    status: int | None = None

    def serialize(self, status: int = 200) -> SerializedResponse:
        """``status``: that of the route."""
        match self.content:
            case None:
                body = b""
            case BaseModel():
                body = self.content.model_dump_json().encode()
            case _:
                body = orjson.dumps(self.content)
        etag = None if self.version is None else f'"{self.version}"'
        return SerializedResponse(status if self.status is None else self.status, body, etag)


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
    """One idempotency key of a tenant and route, with the hash of the request that uses it."""

    tenant: str
    route: str
    key: str
    request_hash: bytes

    def stored_response(self, response: SerializedResponse, now: datetime) -> StoredResponse:
        return StoredResponse(*self, None, response.status, response.body, response.etag, now)

    def pending_response(self, subject: UUID, now: datetime) -> StoredResponse:
        """The facts are stored; the response depends on the outcome of ``subject`` and is stored later."""
        return StoredResponse(*self, subject, None, None, None, now)


class PriorResponse(NamedTuple):
    """What is stored under a key. ``status`` is None while the outcome of ``subject`` is awaited;
    ``response`` then, too, and once the body has been deleted."""

    request_hash: bytes
    subject: UUID | None
    status: int | None
    response: SerializedResponse | None


async def find_response(pool: ServicePool, slot: IdempotencySlot) -> PriorResponse | None:
    rows = await pool.fetch_for_tenant(slot.tenant, FIND, slot.route, slot.key)
    if not rows:
        return None
    (row,) = rows
    response = None if row["body"] is None else SerializedResponse(row["status"], row["body"], row["etag"])
    return PriorResponse(row["request_hash"], row["subject"], row["status"], response)


async def store_response(
    pool: ServicePool, slot: IdempotencySlot, response: SerializedResponse
) -> SerializedResponse:
    """Store the response of what was begun. Returns the stored one: the first writer decides."""
    failpoints.active and await failpoints.hit("http.before_answer_kept")
    is_first = await pool.fetchval(COMPLETE, *slot[:3], *response)
    failpoints.active and await failpoints.hit("http.after_answer_kept")
    if is_first:
        return response
    prior = await find_response(pool, slot)
    return prior.response if prior and prior.response else response
