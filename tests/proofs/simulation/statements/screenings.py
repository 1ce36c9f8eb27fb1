"""Statements of checkout-saga on what it has noted of payments that are screened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from checkout_saga.fraud import fraud_events
from checkout_saga.fraud.domain.signals import ATTEMPT
from checkout_saga.fraud.use_cases import noting
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection

EVENTS = "fraud_events"
"""By tenant, subject, signal and dimension."""


async def lock(connection: Connection, values: Sequence[int]) -> None:
    await connection.lock((EVENTS, it) for it in values)


def now(connection: Connection) -> datetime:
    return connection.now


def count(connection: Connection, tenant: str, subject: UUID, *columns: Any) -> list[Row]:
    """``columns``: those of the wanted rules, and the time."""
    *wanted, until = columns
    events = [(key, row) for key, row in connection.table(EVENTS).items() if key[0] == tenant]
    found = []
    for rule, signal, dimension, value, span in zip(*wanted, strict=True):
        counted = [
            row
            for key, row in events
            if key[2:] == (signal, dimension)
            and row["value"] == value
            and until - span < row["at"] <= until
            and (key[1], signal) != (subject, ATTEMPT)
        ]
        if counted:
            instruments = {it["instrument"] for it in counted} - {None}
            found.append({"rule": rule, "events": len(counted), "instruments": len(instruments)})
    return found


async def add(
    connection: Connection,
    tenant: str,
    subject: UUID,
    signal: str,
    dimensions: Sequence[str],
    values: Sequence[UUID],
    instrument: UUID | None,
    at: datetime,
) -> None:
    for dimension, value in zip(dimensions, values, strict=True):
        _put(connection, (tenant, subject, signal, dimension), value, instrument, at)


async def note(connection: Connection, tenant: str, subject: UUID, signal: str, at: datetime) -> None:
    """Under the values of the attempt."""
    for key, row in connection.table(EVENTS).items():
        if key[:3] == (tenant, subject, ATTEMPT):
            _put(connection, (tenant, subject, signal, key[3]), row["value"], row["instrument"], at)


def _put(
    connection: Connection,
    key: tuple[str, UUID, str, str],
    value: UUID,
    instrument: UUID | None,
    at: datetime,
) -> None:
    if key not in connection.table(EVENTS):
        connection.put(EVENTS, key, {"value": value, "instrument": instrument, "at": at})


READS: Mapping[str, Callable[..., Any]] = {fraud_events.NOW: now, fraud_events.COUNT: count}
WRITES: Mapping[str, Callable[..., Any]] = {
    fraud_events.LOCK: lock,
    fraud_events.ADD: add,
    noting.NOTE: note,
}
