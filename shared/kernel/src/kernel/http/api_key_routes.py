"""Routes of API keys: operators list, create and end those of their tenant, in this service alone.

A caller sends the SHA-256 of a key that it has made, never the key; no response holds a hash. Each service
has its own copy of the keys, so a caller repeats every request at every service.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

import structlog
from fastapi import Path, Response
from pydantic import BaseModel, Field

from kernel.http.auth import Caller
from kernel.http.dependencies import Write
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paged
from kernel.http.problems import invalid
from kernel.http.requests import Body
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.security import api_keys
from kernel.security.api_key_columns import ID_DIGITS
from kernel.security.api_keys import ApiKey, ApiKeyExists, ApiKeyNotFound
from kernel.store.event_store import Transaction

log = structlog.get_logger()

PATH = "/v1/api-keys"
BY_ID = f"{PATH}/{{key_id}}"
MAX_KEEP_SECONDS = 366 * 86_400
KeyId = Annotated[str, Path(pattern=f"^[0-9a-f]{{{ID_DIGITS}}}$")]


class NewApiKey(Body):
    key_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    role: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]


class Expiry(Body):
    keep_seconds: Annotated[int, Field(ge=0, le=MAX_KEEP_SECONDS)]


class ApiKeyView(BaseModel):
    key_id: str
    tenant: str
    role: str
    name: str
    state: Literal["active", "ending", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls.model_validate(key, from_attributes=True)


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool
    roles: Collection[str]

    async def list_api_keys(self, caller: Caller, paging: Paged) -> Page[ApiKeyView]:
        """The keys of the tenant, also those that have ended, by id."""
        (after,) = paging.after(str) or ("",)
        rows = await api_keys.list_keys(self.pool, caller.tenant, after, paging.more)
        return paging.page(rows, key=lambda it: (it.key_id,), show=ApiKeyView.of)

    async def create_api_key(self, body: NewApiKey, write: Write) -> Response:
        """Stores the hash of a key of the tenant. A repetition changes nothing, also if the key has ended
        meanwhile."""
        if body.role not in self.roles:
            raise invalid(f"A role is one of {', '.join(self.roles)}.", "/role")

        async def act(transaction: Transaction) -> Result:
            tenant, connection = write.context.tenant, transaction.connection
            added = await api_keys.add(connection, tenant, body.key_hash, body.role, body.name)
            return Result(ApiKeyView.of(added))

        return _logged("create", body.key_hash[:ID_DIGITS], write, await write.run_within(act))

    async def expire_api_key(self, key_id: KeyId, body: Expiry, write: Write) -> Response:
        """Lets a key work for some seconds more. A repetition makes it no longer."""
        keep = timedelta(seconds=body.keep_seconds)

        async def act(transaction: Transaction) -> Result:
            expiring = await api_keys.expire(transaction.connection, write.context.tenant, key_id, keep)
            return Result(ApiKeyView.of(expiring))

        return _logged("expire", key_id, write, await write.run_within(act))

    async def revoke_api_key(self, key_id: KeyId, write: Write) -> Response:
        """Ends a key: every process of this service refuses it within two seconds."""

        async def act(transaction: Transaction) -> Result:
            revoked = await api_keys.revoke(transaction.connection, write.context.tenant, key_id)
            return Result(ApiKeyView.of(revoked))

        return _logged("revoke", key_id, write, await write.run_within(act))


def table(pool: ServicePool, operators: Collection[str], roles: Collection[str]) -> RouteTable:
    """``operators``: the roles of keys that may manage keys; ``roles``: those that a key may have."""
    do = _Handlers(pool, roles)
    return RouteTable(
        "operations",
        (
            Route("GET", PATH, do.list_api_keys, operators, Page[ApiKeyView]),
            Route("POST", PATH, do.create_api_key, operators, ApiKeyView, (ApiKeyExists,), status=201),
            Route("POST", f"{BY_ID}/expire", do.expire_api_key, operators, ApiKeyView, (ApiKeyNotFound,)),
            Route("POST", f"{BY_ID}/revoke", do.revoke_api_key, operators, ApiKeyView, (ApiKeyNotFound,)),
        ),
    )


def _logged(act: str, key_id: str, write: CommandRequest, response: Response) -> Response:
    if response.status_code < 300:
        log.info("api_key_changed", act=act, key_id=key_id, actor=write.context.actor)
    return response
