"""API keys in the databases of all services: created, rotated and revoked in all of them together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from cli.all_databases import Connections, connect_all, transaction_on_all
from cli.api_key_rows import ALL_KEYS, BY_HASH_PREFIX, Key, read
from cli.errors import StackError
from cli.new_api_key import NewKey
from kernel.security.api_key_columns import ID_DIGITS

INSERT = """
    INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key_hash) DO NOTHING
"""
REVOKE = "UPDATE api_keys SET revoked_at = now() WHERE starts_with(key_hash, $1) AND revoked_at IS NULL"
END = """
    UPDATE api_keys SET expires_at = least(expires_at, now() + $2)
    WHERE starts_with(key_hash, $1) AND revoked_at IS NULL
"""


async def list_all(databases: Mapping[str, str]) -> list[Key]:
    """All keys, also revoked and expired ones, sorted by tenant, role and age."""
    async with connect_all(databases) as connections:
        return await read(connections, ALL_KEYS)


async def create(databases: Mapping[str, str], new: NewKey) -> Key:
    """Store a key; a repetition completes what was interrupted. Raises ``StackError``."""
    async with transaction_on_all(databases) as connections:
        return await _insert(connections, new)


async def rotate(databases: Mapping[str, str], old: Key, new: NewKey, keep: timedelta) -> tuple[Key, Key]:
    """Store a key; the old one expires after ``keep``. Returns both. Raises ``StackError``."""
    async with transaction_on_all(databases) as connections:
        made = await _insert(connections, new)
        for connection in connections.values():
            await connection.execute(END, old.key_id, keep)
        (ending,) = await read(connections, BY_HASH_PREFIX, old.key_id)
    return made, ending


async def revoke(databases: Mapping[str, str], key_id: str) -> Key:
    """Revoke the key in all databases. A repetition completes an interrupted revocation."""
    found = await find(databases, key_id)
    async with transaction_on_all(databases) as connections:
        for connection in connections.values():
            await connection.execute(REVOKE, found.key_id)
        (revoked,) = await read(connections, BY_HASH_PREFIX, found.key_id)
    return revoked


async def find(databases: Mapping[str, str], key_id: str) -> Key:
    """Raises ``StackError`` if there is no such key."""
    check_id(key_id)
    async with connect_all(databases) as connections:
        found = await read(connections, BY_HASH_PREFIX, key_id)
    if len(found) != 1:
        raise unknown_key(key_id)
    return found[0]


def check_id(key_id: str) -> None:
    """Raises ``StackError``."""
    if not re.fullmatch(rf"[0-9a-f]{{{ID_DIGITS}}}", key_id):
        raise StackError(f"{key_id!r} is not a key id; `feira keys list` shows them.")


def unknown_key(key_id: str) -> StackError:
    return StackError(f"There is no key {key_id}; `feira keys list` shows them.")


async def _insert(connections: Connections, new: NewKey) -> Key:
    for connection in connections.values():
        await connection.execute(INSERT, new.digest, new.tenant, new.role, new.name)
    (made,) = await read(connections, BY_HASH_PREFIX, new.digest)
    if (made.tenant, made.role, made.name) != (new.tenant, new.role, new.name):
        raise StackError(f"The key {made.key_id} belongs to {made.tenant}, role {made.role}, {made.name}.")
    return made
