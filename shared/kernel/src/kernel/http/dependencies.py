"""What handlers take a request as: a query or a command of a caller, ready to run a use case."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request, Response

from kernel import ids
from kernel.context import Context
from kernel.http.auth import Caller, Principal, authenticate_fast
from kernel.http.command_runner import CommandRunner
from kernel.http.fast_path import FAST_DEPENDENCIES
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.problems import REPEATED, Problem, invalid
from kernel.http.requests import InstantInHeader
from kernel.http.results import IdempotencySlot, Result
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LINK = "link"
"""Takes the place of a role where a link is enough; no key has it."""
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

    def __init__(self, store: EventStore, principal: Principal, context: Context, status: int = 200) -> None:
        self.principal = principal
        self.context = context
        self._store = store
        self._status = status

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    @property
    def pool(self) -> ServicePool:
        return self._store.pool

    async def run(self, act: Callable[[UnitOfWork], Awaitable[Result]]) -> Response:
        return (await self._store.run(self.context, act)).serialize(self._status).response()


async def read_request(request: Request, principal: Caller) -> QueryRequest:
    return _query(request, principal)


async def write_request(
    request: Request,
    principal: Caller,
    key: Annotated[str | None, KEY] = None,
    if_match: Annotated[str | None, IF_MATCH] = None,
    occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
) -> CommandRequest:
    return await _command(request, principal, key, if_match, occurred_at)


async def keyed_write_request(
    request: Request,
    principal: Caller,
    key: Annotated[str, KEY],
    if_match: Annotated[str | None, IF_MATCH] = None,
    occurred_at: Annotated[InstantInHeader | None, OCCURRED_AT] = None,
) -> CommandRequest:
    return await _command(request, principal, key, if_match, occurred_at)


class LinkRequest:
    """A request by a signed link, without an API key: the tenant is known once the link has been read."""

    def __init__(self, request: Request, key: str) -> None:
        self._request = request
        self._key = key

    async def command(self, tenant: str, name: str) -> CommandRequest:
        """The command, once for each idempotency key of the tenant. ``name``: of the kind of links."""
        return await _command(self._request, Principal(tenant, LINK, name), self._key, None, None)


async def link_request(request: Request, key: Annotated[str, KEY]) -> LinkRequest:
    return LinkRequest(request, key)


async def _fast_read(request: Request, headers: Mapping[bytes, bytes]) -> QueryRequest | None:
    principal = await authenticate_fast(request, headers.get(b"authorization", b""))
    return None if principal is None else _query(request, principal)


async def _fast_write(request: Request, headers: Mapping[bytes, bytes]) -> CommandRequest | None:
    key, if_match = (headers.get(name, b"").decode("latin-1") for name in (b"idempotency-key", b"if-match"))
    principal = await authenticate_fast(request, headers.get(b"authorization", b""))
    # an empty header is not the same as none
    has_empty = any(headers.get(name) == b"" for name in (b"idempotency-key", b"if-match"))
    if (
        principal is None
        or (key and not PLAIN_KEY.fullmatch(key))
        or has_empty
        or len(if_match) > MAX_IF_MATCH_LENGTH
        or b"feira-occurred-at" in headers
    ):
        return None
    return await _command(request, principal, key or None, if_match or None, None)


async def _fast_keyed_write(request: Request, headers: Mapping[bytes, bytes]) -> CommandRequest | None:
    return await _fast_write(request, headers) if b"idempotency-key" in headers else None


FAST_DEPENDENCIES[read_request] = _fast_read
FAST_DEPENDENCIES[write_request] = _fast_write
FAST_DEPENDENCIES[keyed_write_request] = _fast_keyed_write

Read: TypeAlias = Annotated[QueryRequest, Depends(read_request)]
Write: TypeAlias = Annotated[CommandRequest, Depends(write_request)]
KeyedWrite: TypeAlias = Annotated[CommandRequest, Depends(keyed_write_request)]
"""A command that is refused without an idempotency key."""
LinkWrite: TypeAlias = Annotated[LinkRequest, Depends(link_request)]
"""The same for a route that a signed link opens."""


def _query(request: Request, principal: Principal) -> QueryRequest:
    store: EventStore = request.app.state.command_runner.store
    return QueryRequest(store, principal, context_of(request, principal), _status(request))


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
    context = context_of(request, principal, occurred_at)
    return CommandRequest(runner, principal, context, slot, if_match, _status(request))


def _status(request: Request) -> int:
    """What the route declares for a response without a refusal."""
    status: int | None = request.scope["route"].status_code
    return status or 200


async def _slot(request: Request, tenant: str, key: str) -> IdempotencySlot:
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise invalid(REPEATED, "/Idempotency-Key", "header")
    query = request.scope["query_string"].decode()
    content = f"{request.method} {request.scope['path']}?{query}\n".encode() + await request.body()
    route = f"{request.method} {request.scope['route'].path}"
    return IdempotencySlot(tenant, route, key, sha256(content).digest())


def context_of(request: Request, principal: Principal, occurred_at: datetime | None = None) -> Context:
    return Context(
        tenant=principal.tenant,
        correlation_id=request.state.correlation_id,
        causation_id=str(ids.new_id()),
        actor=principal.actor,
        traceparent=request.state.traceparent,
        occurred_at=occurred_at,
    )
