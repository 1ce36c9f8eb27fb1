"""Statements that read unique keys and idempotency keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from kernel.store import conflict_detection, pg_unit_of_work
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


def used_idempotency_keys(connection: Connection, *columns: Sequence[str]) -> list[Name]:
    names = cast("Iterable[Name]", zip(*columns, strict=True))
    return [it for it in names if it in connection.database.responses]


READS: Mapping[str, Callable[..., Any]] = {
    pg_unit_of_work.KEY_OWNER: holder,
    conflict_detection.KEY_OWNERS: holders,
    conflict_detection.USED_IDEMPOTENCY_KEYS: used_idempotency_keys,
}
