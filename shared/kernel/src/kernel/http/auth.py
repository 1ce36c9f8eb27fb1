"""Who is calling, found by the key, and whether their role may do this."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

import asyncpg
import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from structlog.contextvars import bind_contextvars

from kernel.database import is_outage
from kernel.http.problems import Problem

log = structlog.get_logger()

REFRESH_SECONDS = 1.5
REFRESH_AFTER_MISS_SECONDS = 1.0
PREFIX = 8
"""So many of the digits of a key's hash say where it lies."""

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


class KeyRing:
    """The keys of the database, held in memory by their hashes; a revoked one works for two seconds at most.

    Keys have far too many bits to be guessed, so a hash without salt is enough. It is found by its first
    digits, which nobody can choose without the key, and compared as a whole in constant time.
    """

    def __init__(
        self, pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._drawers: dict[str, list[tuple[str, Principal]]] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, key: str) -> Principal | None:
        digest = sha256(key.encode()).hexdigest()
        found = self._look_up(digest)
        if found is None:
            await self._refresh(REFRESH_AFTER_MISS_SECONDS)
        elif self._age() > REFRESH_SECONDS:
            try:
                await self._refresh(REFRESH_SECONDS)
            except Exception as problem:
                if not is_outage(problem):
                    raise
                log.warning("keys_not_refreshed", error=type(problem).__name__)
        else:
            return found
        return self._look_up(digest)

    def _look_up(self, digest: str) -> Principal | None:
        for known, principal in self._drawers.get(digest[:PREFIX], ()):
            if hmac.compare_digest(known, digest):
                return principal
        return None

    async def _refresh(self, oldest: float) -> None:
        async with self._reading:
            if self._age() > oldest:
                rows = await self._pool.fetch(KEYS)
                drawers = defaultdict(list)
                for it in rows:
                    who = Principal(it["tenant"], it["role"], it["name"])
                    drawers[it["key_hash"][:PREFIX]].append((it["key_hash"], who))
                self._drawers = dict(drawers)
                self._read_at = self._clock()

    def _age(self) -> float:
        return self._clock() - self._read_at


def remember(who: Principal) -> None:
    """Every line of the log that this request causes tells for whom."""
    bind_contextvars(tenant=who.tenant, role=who.role)


async def authenticate_fast(
    request: Request, authorization: bytes, roles: Collection[str]
) -> Principal | None:
    """The caller, where nothing is to be said against them."""
    scheme, _, key = authorization.decode("latin-1").partition(" ")
    keys: KeyRing = request.app.state.keys
    found = await keys.find(key) if key and scheme.lower() == "bearer" else None
    if found is None or found.role not in roles:
        return None
    remember(found)
    return found


def allow(*roles: str) -> Any:
    """A dependency: the caller, if their role is one of these."""

    async def principal(
        request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    ) -> Principal:
        keys: KeyRing = request.app.state.keys
        found = await keys.find(bearer.credentials) if bearer else None
        if found is None:
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "UNAUTHENTICATED", "A valid key is needed.", headers=headers)
        remember(found)
        if found.role not in roles:
            raise Problem(403, "FORBIDDEN", "This key's role may not do this.")
        return found

    return Depends(principal)
