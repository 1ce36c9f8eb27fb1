"""Statements that read unique keys and idempotency keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from kernel.store import conflict_detection, key_claims
from tests.proofs.simulation.database import Name, Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection

COLUMNS = "tenant", "kind", "value"


def holder(connection: Connection, *name: str) -> UUID | None:
    return connection.holder(*name)


def holders(connection: Connection, *columns: Sequence[str]) -> list[Row]:
    return [
        {**dict(zip(COLUMNS, name, strict=True)), "holder": owner}
        for name in zip(*columns, strict=True)
        if (owner := connection.holder(*name)) is not None
    ]


def holders_of(connection: Connection, tenant: str, kind: str, values: Sequence[str]) -> list[Row]:
    found = ((value, connection.holder(tenant, kind, value)) for value in values)
    return [{"value": value, "holder": owner} for value, owner in found if owner is not None]


def holders_with_prefix(connection: Connection, tenant: str, kind: str, prefix: str) -> list[Row]:
    names = {*connection.database.holders, *connection.changes.holders}
    values = [name[2] for name in names if name[:2] == (tenant, kind) and name[2].startswith(prefix)]
    return holders_of(connection, tenant, kind, values)


def used_idempotency_keys(connection: Connection, *columns: Sequence[str]) -> list[Name]:
    names = cast("Iterable[Name]", zip(*columns, strict=True))
    return [it for it in names if it in connection.database.responses]


READS: Mapping[str, Callable[..., Any]] = {
    key_claims.KEY_OWNER: holder,
    key_claims.KEYS_WITH_PREFIX: holders_with_prefix,
    conflict_detection.KEY_OWNERS: holders,
    conflict_detection.USED_IDEMPOTENCY_KEYS: used_idempotency_keys,
}
