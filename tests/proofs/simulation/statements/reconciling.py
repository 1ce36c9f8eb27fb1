"""Statements of reconciliations: what the log has recorded to have moved, and webhooks.

There are no webhooks: the simulated gateway sends none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from checkout_saga.reconciliation import connecting, log_reading, webhook_rows
from tests.proofs.simulation.database import Row

if TYPE_CHECKING:
    from tests.proofs.simulation.connection import Connection


def moved(
    connection: Connection, tenant: str, types: Sequence[str], since: datetime, until: datetime
) -> list[Row]:
    found = dict.fromkeys(
        it.stream_id
        for it in connection.database.log
        if it.type in types and it.tenant == tenant and since <= it.recorded_at < until
    )
    return [{"stream_id": it} for it in found]


def scheduled(connection: Connection, kind: str) -> list[Row]:
    return [{"subject": it.subject} for it in connection.database.timers.values() if it.kind == kind]


def no_events(_connection: Connection, _tenant: str, _account: UUID, *_: Any) -> list[Row]:
    return []


def no_refusals(_connection: Connection, _tenant: str, _account: UUID) -> None:
    return


def clear_none(_connection: Connection, _tenant: str, _account: UUID, _references: Sequence[str]) -> None:
    return


READS: Mapping[str, Callable[..., Any]] = {
    log_reading.MOVED: moved,
    connecting.SCHEDULED: scheduled,
    webhook_rows.UNPROCESSED: no_events,
    webhook_rows.REFUSED: no_refusals,
}
WRITES: Mapping[str, Callable[..., None]] = {webhook_rows.CLEAR: clear_none}
