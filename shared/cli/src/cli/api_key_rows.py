"""API keys as the services store them, merged into one row per key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.all_databases import Connections
from kernel.security.api_key_columns import COLUMNS

ALL_KEYS = f"SELECT {COLUMNS} FROM api_keys"  # noqa: S608  # a constant
BY_HASH_PREFIX = f"{ALL_KEYS} WHERE starts_with(key_hash, $1)"


@dataclass(frozen=True)
class Key:
    """An API key without its secret. ``databases``: the services that have stored it."""

    key_id: str
    tenant: str
    role: str
    name: str
    state: str
    """active, ending, expired or revoked; incomplete if the services differ."""
    created_at: datetime
    expires_at: datetime | None
    databases: tuple[str, ...]

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
    return merged({name: await it.fetch(query, *arguments) for name, it in connections.items()})


def merged(by_service: Mapping[str, list[Any]]) -> list[Key]:
    """One row per key, sorted by tenant, role and age, from the rows of each service: mappings with the names
    of ``Key``'s fields."""
    rows: dict[str, dict[str, Any]] = {}
    for service, stored in by_service.items():
        for row in stored:
            rows.setdefault(row["key_id"], {})[service] = row
    found = [_key(key_id, known, len(by_service)) for key_id, known in rows.items()]
    return sorted(found, key=lambda key: (key.tenant, key.role, key.created_at, key.key_id))


def _key(key_id: str, known: Mapping[str, Any], services: int) -> Key:
    row = next(iter(known.values()))
    states = {it["state"] for it in known.values()}
    is_complete = len(states) == 1 and len(known) == services
    return Key(
        key_id,
        row["tenant"],
        row["role"],
        row["name"],
        states.pop() if is_complete else "incomplete",
        min(it["created_at"] for it in known.values()),
        row["expires_at"],
        tuple(known),
    )
