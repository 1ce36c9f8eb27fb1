"""Authentication by API key, and authorisation by the role of the key."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, TypeAlias

import asyncpg
import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from structlog.contextvars import bind_contextvars

from kernel.http.problems import Problem
from kernel.postgres.connections import is_outage

log = structlog.get_logger()

REFRESH_SECONDS = 1.5
REFRESH_AFTER_MISS_SECONDS = 1.0
PREFIX_LENGTH = 8
"""Digits of a key's hash by which the keys are indexed."""

KEYS = """
    SELECT key_hash, tenant, role, name FROM api_keys
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
BEARER = HTTPBearer(auto_error=False, scheme_name="key", description="A key of one tenant and one role.")


@dataclass(frozen=True, slots=True)
class Principal:
    tenant: str
    role: str
    name: str

    @property
    def actor(self) -> str:
        return f"{self.role}:{self.name}"


def hash_of(key: str) -> str:
    """As it is stored: SHA-256 in hexadecimal."""
    return sha256(key.encode()).hexdigest()


class KeyRing:
    """The valid API keys in memory, by hash; a revoked key works for two seconds at most.

    Keys have far too many bits to be guessed, so a hash without salt is enough. It is looked up by its first
    digits, which cannot be chosen without the key, and compared as a whole in constant time.

    Not a cache of single keys: the table is read as a whole, so that an unknown key costs no statement of its
    own, and stays in use while the database does not respond.
    """

    def __init__(
        self, pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._by_prefix: dict[str, list[tuple[str, Principal]]] = {}
        self._read_at = float("-inf")
        self._refreshing = asyncio.Lock()

    async def find(self, key: str) -> Principal | None:
        return await self.find_by_hash(hash_of(key))

    async def find_by_hash(self, digest: str) -> Principal | None:
        found = self._look_up(digest)
        if found is None:
            await self._refresh(REFRESH_AFTER_MISS_SECONDS)
        elif self._age() > REFRESH_SECONDS:
            try:
                await self._refresh(REFRESH_SECONDS)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("keys_not_refreshed", error=type(error).__name__)
        else:
            return found
        return self._look_up(digest)

    def _look_up(self, digest: str) -> Principal | None:
        for key_hash, principal in self._by_prefix.get(digest[:PREFIX_LENGTH], ()):
            if hmac.compare_digest(key_hash, digest):
                return principal
        return None

    async def _refresh(self, max_age: float) -> None:
        async with self._refreshing:
            if self._age() > max_age:
                rows = await self._pool.fetch(KEYS)
                by_prefix = defaultdict(list)
                for row in rows:
                    principal = Principal(row["tenant"], row["role"], row["name"])
                    by_prefix[row["key_hash"][:PREFIX_LENGTH]].append((row["key_hash"], principal))
                self._by_prefix = dict(by_prefix)
                self._read_at = self._clock()

    def _age(self) -> float:
        return self._clock() - self._read_at


def bind_to_log(principal: Principal) -> None:
    """Add tenant, role and the name of the key to every log line of the current request; never the key."""
    bind_contextvars(tenant=principal.tenant, role=principal.role, caller=principal.name)


async def authenticate_fast(request: Request, authorization: bytes) -> Principal | None:
    """Authenticate and authorise. None on failure: the framework's route then makes the problem."""
    scheme, _, key = authorization.decode("latin-1").partition(" ")
    keys: KeyRing = request.app.state.keys
    found = await keys.find(key) if key and scheme.lower() == "bearer" else None
    if found is None or found.role not in request.scope["route"].roles:
        return None
    bind_to_log(found)
    return found


async def caller(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Principal:
    """The authenticated caller, with one of the roles of the route's row. Raises a ``Problem``."""
    keys: KeyRing = request.app.state.keys
    found = await keys.find(bearer.credentials) if bearer else None
    if found is None:
        headers = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "UNAUTHENTICATED", "The request has no valid key.", headers=headers)
    bind_to_log(found)
    if found.role not in request.scope["route"].roles:
        raise Problem(403, "FORBIDDEN", "The role of the key does not permit this operation.")
    return found


Caller: TypeAlias = Annotated[Principal, Depends(caller)]
