"""The API keys of a tenant in this service's database, without the keys themselves.

A key is stored as its SHA-256, whose first digits are its id. Every act may be repeated: a caller that has to
reach several services calls all of them again until each has answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from kernel.domain import NotFound, Refused
from kernel.security.api_key_columns import COLUMNS, ID_DIGITS
from kernel.store.writing import Connection

LIST = f"""
    SELECT {COLUMNS} FROM api_keys WHERE tenant = $1 AND left(key_hash, {ID_DIGITS}) > $2
    ORDER BY 1 LIMIT $3
"""  # noqa: S608  # constants
INSERT = """
    INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key_hash) DO NOTHING
"""
BY_HASH = f"SELECT {COLUMNS} FROM api_keys WHERE key_hash = $1 AND tenant = $2"  # noqa: S608  # constants
EXPIRE = f"""
    UPDATE api_keys SET expires_at = least(expires_at, now() + $3)
    WHERE tenant = $1 AND left(key_hash, {ID_DIGITS}) = $2 RETURNING {COLUMNS}
"""  # noqa: S608  # constants
REVOKE = f"""
    UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
    WHERE tenant = $1 AND left(key_hash, {ID_DIGITS}) = $2 RETURNING {COLUMNS}
"""  # noqa: S608  # constants


class ApiKeyNotFound(NotFound):
    """The tenant has no such API key."""

    code = "API_KEY_NOT_FOUND"


class ApiKeyExists(Refused):
    """There is a key with this hash already, and it has another role or name."""

    code = "API_KEY_EXISTS"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """``state``: active, ending (it expires later), expired or revoked."""

    key_id: str
    tenant: str
    role: str
    name: str
    state: str
    created_at: datetime
    expires_at: datetime | None


async def list_keys(pool: asyncpg.Pool[asyncpg.Record], tenant: str, after: str, limit: int) -> list[ApiKey]:
    """By id."""
    return [ApiKey(**row) for row in await pool.fetch(LIST, tenant, after, limit)]


# failpoint: none needed (store-transaction)
async def add(connection: Connection, tenant: str, key_hash: str, role: str, name: str) -> ApiKey:
    """Store the key unless it is stored already; one that has ended meanwhile stays so. Raises
    ``ApiKeyExists``."""
    await connection.execute(INSERT, key_hash, tenant, role, name)
    row = await connection.fetchrow(BY_HASH, key_hash, tenant)
    if row is None or (row["role"], row["name"]) != (role, name):
        raise ApiKeyExists("There is a key with this hash already; make another key.")
    return ApiKey(**row)


# failpoint: none needed (store-transaction)
async def expire(connection: Connection, tenant: str, key_id: str, keep: timedelta) -> ApiKey:
    """Let the key expire after ``keep``, or earlier if that was said before. Raises ``ApiKeyNotFound``."""
    return _only(await connection.fetch(EXPIRE, tenant, key_id, keep))


# failpoint: none needed (store-transaction)
async def revoke(connection: Connection, tenant: str, key_id: str) -> ApiKey:
    """Raises ``ApiKeyNotFound``."""
    return _only(await connection.fetch(REVOKE, tenant, key_id))


def _only(rows: list[asyncpg.Record]) -> ApiKey:
    if not rows:
        raise ApiKeyNotFound("The tenant has no such API key.")
    return ApiKey(**rows[0])
