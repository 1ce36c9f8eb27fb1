"""Dependencies of routes: the authenticated request as a query or a command, ready to run a use case."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from kernel import ids
from kernel.context import Context
from kernel.http.auth import Principal, allow, authenticate_fast
from kernel.http.fast_path import FAST_DEPENDENCIES
from kernel.http.idempotent_commands import CommandRequest, CommandRunner
from kernel.http.problems import REPEATED, Problem, invalid
from kernel.http.requests import InstantInHeader
from kernel.http.results import IdempotencySlot, Result
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

MAX_KEY_LENGTH = 255
MAX_IF_MATCH_LENGTH = 1000
PRINTABLE = r"^[\x20-\x7e]+$"
PLAIN_KEY = re.compile(rf"[\x21-\x7e](?:[\x20-\x7e]{{0,{MAX_KEY_LENGTH - 2}}}[\x21-\x7e])?")
"""Without blanks around the value, which are no part of it: the framework strips those."""
KEY = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=MAX_KEY_LENGTH,
    pattern=PRINTABLE,
    description="A repeated request with the same key and body gets the first response again.",
)
IF_MATCH = Header(
    alias="If-Match",
    max_length=MAX_IF_MATCH_LENGTH,
    description="The ETag of the version that the caller has seen.",
)
OCCURRED_AT = Header(
    alias="Feira-Occurred-At",
    description="The time at which it happened, not later than now; only for keys with the role service.",
)


class QueryRequest:
    """One request that only reads."""

    def __init__(self, store: EventStore, principal: Principal, context: Context) -> None:
        self.principal = principal
        self.context = context
        self._store = store

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    async def run(self, act: Callable[[UnitOfWork], Awaitable[Result]]) -> Response:
        return (await self._store.run(self.context, act)).serialize().response()


def query_request(*roles: str) -> Any:
    """A dependency: a query by a caller with one of these roles."""

    async def query(request: Request, principal: Annotated[Principal, allow(*roles)]) -> QueryRequest:
        return QueryRequest(request.app.state.command_runner.store, principal, _context(request, principal))

    async def fast_query(request: Request, headers: Mapping[bytes, bytes]) -> QueryRequest | None:
        principal = await authenticate_fast(request, headers.get(b"authorization", b""), roles)
        if principal is None:
            return None
        return QueryRequest(request.app.state.command_runner.store, principal, _context(request, principal))

    FAST_DEPENDENCIES[query] = fast_query
    return Depends(query)


def command_request(*roles: str, key_required: bool = False) -> Any:
    """A dependency: a command by a caller with one of these roles."""

    async def with_required_key(
        request: Request,
        principal: Annotated[Principal, allow(*roles)],
        key: Annotated[str, KEY],
        if_match: Annotated[str | None, IF_MATCH] = None,
        occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
    ) -> CommandRequest:
        return await _command(request, principal, key, if_match, occurred_at)

    async def with_optional_key(
        request: Request,
        principal: Annotated[Principal, allow(*roles)],
        key: Annotated[str | None, KEY] = None,
        if_match: Annotated[str | None, IF_MATCH] = None,
        occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
    ) -> CommandRequest:
        return await _command(request, principal, key, if_match, occurred_at)

    async def fast_command(request: Request, headers: Mapping[bytes, bytes]) -> CommandRequest | None:
        key, if_match = (
            headers.get(name, b"").decode("latin-1") for name in (b"idempotency-key", b"if-match")
        )
        principal = await authenticate_fast(request, headers.get(b"authorization", b""), roles)
        is_plain = PLAIN_KEY.fullmatch(key) if key else not key_required
        # an empty header is not the same as none
        has_empty = any(headers.get(name) == b"" for name in (b"idempotency-key", b"if-match"))
        if (
            principal is None
            or not is_plain
            or has_empty
            or len(if_match) > MAX_IF_MATCH_LENGTH
            or b"feira-occurred-at" in headers
        ):
            return None
        return await _command(request, principal, key or None, if_match or None, None)

    command = with_required_key if key_required else with_optional_key
    FAST_DEPENDENCIES[command] = fast_command
    return Depends(command)


async def _command(
    request: Request,
    principal: Principal,
    key: str | None,
    if_match: str | None,
    occurred_at: datetime | None,
) -> CommandRequest:
    if occurred_at and principal.role != "service":
        raise Problem(403, "FORBIDDEN", "Only keys with the role service may send Feira-Occurred-At.")
    runner: CommandRunner = request.app.state.command_runner
    slot = None if key is None else await _slot(request, principal.tenant, key)
    return CommandRequest(runner, _context(request, principal, occurred_at), slot, if_match)


async def _slot(request: Request, tenant: str, key: str) -> IdempotencySlot:
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise invalid(REPEATED, "/Idempotency-Key", "header")
    query = request.scope["query_string"].decode()
    content = f"{request.method} {request.scope['path']}?{query}\n".encode() + await request.body()
    route = f"{request.method} {request.scope['route'].path}"
    return IdempotencySlot(tenant, route, key, sha256(content).digest())


def _context(request: Request, principal: Principal, occurred_at: datetime | None = None) -> Context:
    return Context(
        tenant=principal.tenant,
        correlation_id=request.state.correlation_id,
        causation_id=str(ids.new_id()),
        actor=principal.actor,
        traceparent=request.state.traceparent,
        occurred_at=occurred_at,
    )
