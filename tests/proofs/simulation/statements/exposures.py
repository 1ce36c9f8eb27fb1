"""Statements of the exposures to experiments that belong to orders which are not paid yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from offer.experiments import shoppers
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection

COLUMNS = "tenant", "order_id", "exposure_id"


def keep(connection: Connection, *columns: Sequence[Any]) -> None:
    connection.changes.unpaid |= dict.fromkeys(zip(*columns, strict=True), True)


def take(connection: Connection, tenants: Sequence[str], orders: Sequence[UUID]) -> list[Row]:
    """The group's offsets are locked, so that no other transaction changes these rows."""
    changes = connection.changes.unpaid
    ended = set(zip(tenants, orders, strict=True))
    kept = {**dict.fromkeys(connection.database.unpaid, True), **changes}
    taken = sorted(row for row, is_kept in kept.items() if is_kept and row[:2] in ended)
    changes |= dict.fromkeys(taken, False)
    return [dict(zip(COLUMNS, row, strict=True)) for row in taken]


READS: Mapping[str, Callable[..., Any]] = {shoppers.TAKE_UNPAID: take}
WRITES: Mapping[str, Callable[..., None]] = {shoppers.INSERT_UNPAID: keep}
