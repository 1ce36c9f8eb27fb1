"""API keys: created, rotated and revoked in the databases of all services together.

The key itself is shown once and never stored. The databases store its SHA-256; the first digits of that are
the key's id.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from cli.all_databases import connect_all, transaction_on_all
from cli.api_key_rows import ALL_KEYS, BY_HASH_PREFIX, ID_DIGITS, Key, read
from cli.errors import StackError
from contracts.roles import ROLES

SECRET_BYTES = 24
TENANT = re.compile(r"[a-z][a-z0-9-]{0,30}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
DURATION = re.compile(r"(\d{1,4})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

INSERT = "INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, $2, $3, $4)"
REVOKE = "UPDATE api_keys SET revoked_at = now() WHERE key_hash = $1 AND revoked_at IS NULL"
END = """
    UPDATE api_keys SET expires_at = least(expires_at, now() + $2)
    WHERE key_hash = $1 AND revoked_at IS NULL
"""


def parse_duration(text: str) -> timedelta:
    """The duration in ``24h``, ``30m``, ``7d``, ``90s`` or ``0``. Raises ``StackError``."""
    parts = DURATION.fullmatch("0s" if text == "0" else text)
    if not parts:
        raise StackError(f"--keep is a number with s, m, h or d, such as 24h, not {text!r}.")
    return timedelta(seconds=int(parts[1]) * SECONDS[parts[2]])


async def list_all(databases: Mapping[str, str]) -> list[Key]:
    """All keys, also revoked and expired ones, sorted by tenant, role and age."""
    async with connect_all(databases) as connections:
        return await read(connections, ALL_KEYS)


async def create(databases: Mapping[str, str], tenant: str, role: str, name: str) -> tuple[str, Key]:
    """Create a key. Returns the secret and the stored row. Raises ``StackError``."""
    if not TENANT.fullmatch(tenant):
        raise StackError(f"A tenant is lower-case letters, digits and hyphens, 31 at most, not {tenant!r}.")
    if role not in ROLES:
        raise StackError(f"A role is one of {', '.join(ROLES)}, not {role!r}.")
    if not NAME.fullmatch(name):
        raise StackError(f"A key's name is letters, digits, spaces, dots and hyphens, not {name!r}.")
    secret = f"feira_{tenant}_{secrets.token_urlsafe(SECRET_BYTES)}"
    digest = sha256(secret.encode()).hexdigest()
    async with transaction_on_all(databases) as connections:
        for connection in connections.values():
            await connection.execute(INSERT, digest, tenant, role, name)
        (made,) = await read(connections, BY_HASH_PREFIX, digest)
    return secret, made


async def rotate(databases: Mapping[str, str], key_id: str, keep: timedelta) -> tuple[str, Key, Key]:
    """Create a key with the same tenant, role and name; the old one expires after ``keep``.

    Returns the secret, the new row and the old row. Raises ``StackError``.
    """
    old = await _find(databases, key_id)
    if old.state in {"revoked", "expired"}:
        raise StackError(f"The key {old.key_id} is {old.state}: it cannot be rotated; create a new key.")
    secret = f"feira_{old.tenant}_{secrets.token_urlsafe(SECRET_BYTES)}"
    digest = sha256(secret.encode()).hexdigest()
    async with transaction_on_all(databases) as connections:
        for connection in connections.values():
            await connection.execute(INSERT, digest, old.tenant, old.role, old.name)
            await connection.execute(END, old.key_hash, keep)
        (made,) = await read(connections, BY_HASH_PREFIX, digest)
        (ending,) = await read(connections, BY_HASH_PREFIX, old.key_hash)
    return secret, made, ending


async def revoke(databases: Mapping[str, str], key_id: str) -> Key:
    """Revoke the key in all databases. Idempotent: a repeat completes an interrupted revocation."""
    found = await _find(databases, key_id)
    async with transaction_on_all(databases) as connections:
        for connection in connections.values():
            await connection.execute(REVOKE, found.key_hash)
        (revoked,) = await read(connections, BY_HASH_PREFIX, found.key_hash)
    return revoked


async def _find(databases: Mapping[str, str], key_id: str) -> Key:
    if not re.fullmatch(rf"[0-9a-f]{{{ID_DIGITS},64}}", key_id):
        raise StackError(f"{key_id!r} is not a key id; `feira keys list` shows them.")
    async with connect_all(databases) as connections:
        found = await read(connections, BY_HASH_PREFIX, key_id)
    if len(found) != 1:
        raise StackError(f"There is no key {key_id}; `feira keys list` shows them.")
    return found[0]
