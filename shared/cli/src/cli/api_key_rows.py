"""API keys as stored in the databases of all services, merged into one row per key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from cli.all_databases import Connections

ID_DIGITS = 12

ALL_KEYS = (
    "SELECT key_hash, tenant, role, name, created_at, expires_at, revoked_at, now() AS now FROM api_keys"
)
BY_HASH_PREFIX = f"{ALL_KEYS} WHERE starts_with(key_hash, $1)"


@dataclass(frozen=True)
class Key:
    """An API key without its secret. ``databases``: the services whose databases contain it."""

    key_hash: str
    tenant: str
    role: str
    name: str
    state: str
    created_at: datetime
    expires_at: datetime | None
    databases: tuple[str, ...]

    @property
    def key_id(self) -> str:
        return self.key_hash[:ID_DIGITS]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.key_id,
            "tenant": self.tenant,
            "role": self.role,
            "name": self.name,
            "state": self.state,
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "databases": list(self.databases),
        }


async def read(connections: Connections, query: str, *arguments: object) -> list[Key]:
    rows: dict[str, dict[str, asyncpg.Record]] = {}
    for name, connection in connections.items():
        for row in await connection.fetch(query, *arguments):
            rows.setdefault(row["key_hash"], {})[name] = row
    found = [_key(digest, known, len(connections)) for digest, known in rows.items()]
    return sorted(found, key=lambda key: (key.tenant, key.role, key.created_at, key.key_hash))


def _key(digest: str, known: Mapping[str, asyncpg.Record], databases: int) -> Key:
    row = next(iter(known.values()))
    states = {_state(it) for it in known.values()}
    is_complete = len(states) == 1 and len(known) == databases
    return Key(
        digest,
        row["tenant"],
        row["role"],
        row["name"],
        states.pop() if is_complete else "incomplete",
        min(it["created_at"] for it in known.values()),
        row["expires_at"],
        tuple(known),
    )


def _state(row: asyncpg.Record) -> str:
    if row["revoked_at"]:
        return "revoked"
    if row["expires_at"] is None:
        return "active"
    return "ending" if row["expires_at"] > row["now"] else "expired"
