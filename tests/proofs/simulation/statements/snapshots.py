"""Statements on snapshots. They stand in no transaction with anything else, and take no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel.store import loading
from kernel.store.snapshots import restoring, writer
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


def usable(connection: Connection, streams: Sequence[UUID], folds: Sequence[bytes], tenant: str) -> list[Row]:
    found = [connection.database.snapshots.get(key) for key in zip(streams, folds, strict=True)]
    return [row for row in found if row and row["tenant"] == tenant]


def last(connection: Connection, streams: Sequence[UUID], folds: Sequence[bytes]) -> list[Row]:
    found = [connection.database.snapshots.get(key) for key in zip(streams, folds, strict=True)]
    return [row | {"size": len(row["state"])} for row in found if row]


def store(connection: Connection, *columns: Sequence[Any]) -> None:
    chance = connection.node.world.random.of("spoiled snapshots")
    for stream_id, fold, tenant, version, state in zip(*columns, strict=True):
        row = {"stream_id": stream_id, "fold": fold, "tenant": tenant, "version": version, "state": state}
        connection.database.store_snapshot(row, chance)


def delete(connection: Connection, streams: Sequence[UUID], folds: Sequence[bytes]) -> None:
    for key in zip(streams, folds, strict=True):
        connection.database.snapshots.pop(key, None)


READS: Mapping[str, Callable[..., Any]] = {
    **{restoring.SNAPSHOTS.format(it): usable for it in (loading.LOG, loading.LOG_FOR_CALLERS)},
    writer.LAST_SNAPSHOTS: last,
}
WRITES_AT_ONCE: Mapping[str, Callable[..., None]] = {
    writer.STORE_SNAPSHOTS: store,
    writer.DELETE_SNAPSHOTS: delete,
}
