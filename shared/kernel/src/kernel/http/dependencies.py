"""What a route is handed: the caller's request, ready to run a use case for it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from kernel import ids
from kernel.context import Context
from kernel.http.auth import Principal, allow, authenticate_fast
from kernel.http.fast_path import FAST_ROUTES
from kernel.http.idempotent_commands import CommandRequest, CommandRunner
from kernel.http.problems import Problem, invalid
from kernel.http.requests import InstantInHeader
from kernel.http.results import IdempotencySlot, Result
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LONGEST_KEY = 255
LONGEST_IF_MATCH = 1000
PRINTABLE = r"^[\x20-\x7e]+$"
PLAIN_KEY = re.compile(rf"[\x21-\x7e](?:[\x20-\x7e]{{0,{LONGEST_KEY - 2}}}[\x21-\x7e])?")
"""Blanks around a header's value are no part of it, and it is for the framework to find that out."""
KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=LONGEST_KEY,
    pattern=PRINTABLE,
    description="The same key with the same body gets the first answer again.",
)
IF_MATCH = Header(
    alias="If-Match",
    max_length=LONGEST_IF_MATCH,
    description="The version that the caller has seen, as its ETag.",
)
OCCURRED_AT = Header(
    alias="Feira-Occurred-At", description="Role service only: when it happened, not later than now."
)


class QueryRequest:
    """One request that only looks."""

    def __init__(self, store: EventStore, principal: Principal, context: Context) -> None:
        self.principal = principal
        self.context = context
        self._store = store

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    async def run(self, act: Callable[[UnitOfWork], Awaitable[Result]]) -> Response:
        return (await self._store.run(self.context, act)).rendered().response()


def query_request(*roles: str) -> Any:
    """A dependency: the request of somebody who may read this."""

    async def read(request: Request, principal: Annotated[Principal, allow(*roles)]) -> QueryRequest:
        return QueryRequest(request.app.state.writes.store, principal, _context(request, principal))

    async def at_once(request: Request, headers: Mapping[bytes, bytes]) -> QueryRequest | None:
        principal = await authenticate_fast(request, headers.get(b"authorization", b""), roles)
        if principal is None:
            return None
        return QueryRequest(request.app.state.writes.store, principal, _context(request, principal))

    FAST_ROUTES[read] = at_once
    return Depends(read)


def command_request(*roles: str, key_required: bool = False) -> Any:
    """A dependency: the request of somebody who may write this."""

    async def with_key(
        request: Request,
        principal: Annotated[Principal, allow(*roles)],
        key: Annotated[str, KEY],
        if_match: Annotated[str | None, IF_MATCH] = None,
        occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
    ) -> CommandRequest:
        return await _write(request, principal, key, if_match, occurred_at)

    async def with_or_without(
        request: Request,
        principal: Annotated[Principal, allow(*roles)],
        key: Annotated[str | None, KEY] = None,
        if_match: Annotated[str | None, IF_MATCH] = None,
        occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
    ) -> CommandRequest:
        return await _write(request, principal, key, if_match, occurred_at)

    async def at_once(request: Request, headers: Mapping[bytes, bytes]) -> CommandRequest | None:
        key, if_match = (headers.get(it, b"").decode("latin-1") for it in (b"idempotency-key", b"if-match"))
        principal = await authenticate_fast(request, headers.get(b"authorization", b""), roles)
        plain = (PLAIN_KEY.fullmatch(key) if key else not key_required) and len(if_match) <= LONGEST_IF_MATCH
        # an empty header is not the same as none
        empty = any(headers.get(it) == b"" for it in (b"idempotency-key", b"if-match"))
        if principal is None or not plain or empty or b"feira-occurred-at" in headers:
            return None
        return await _write(request, principal, key or None, if_match or None, None)

    asked = with_key if key_required else with_or_without
    FAST_ROUTES[asked] = at_once
    return Depends(asked)


async def _write(
    request: Request,
    principal: Principal,
    key: str | None,
    if_match: str | None,
    occurred_at: datetime | None,
) -> CommandRequest:
    if occurred_at and principal.role != "service":
        raise Problem(403, "FORBIDDEN", "Only the role service may date what it does.")
    writes: CommandRunner = request.app.state.writes
    slot = None if key is None else await _slot(request, principal.tenant, key)
    return CommandRequest(writes, _context(request, principal, occurred_at), slot, if_match)


async def _slot(request: Request, tenant: str, key: str) -> IdempotencySlot:
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise invalid("stands there more than once", "/Idempotency-Key", "header")
    query = request.scope["query_string"].decode()
    asked = f"{request.method} {request.scope['path']}?{query}\n".encode() + await request.body()
    route = f"{request.method} {request.scope['route'].path}"
    return IdempotencySlot(tenant, route, key, sha256(asked).digest())


def _context(request: Request, principal: Principal, occurred_at: datetime | None = None) -> Context:
    return Context(
        tenant=principal.tenant,
        correlation_id=request.state.correlation_id,
        causation_id=str(ids.new_id()),
        actor=principal.actor,
        traceparent=request.state.traceparent,
        occurred_at=occurred_at,
    )
