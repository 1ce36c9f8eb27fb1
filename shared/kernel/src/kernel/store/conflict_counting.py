"""Count the units of work that were not stored since another writer was first."""

from __future__ import annotations

from kernel.errors import Conflict, DuplicateRequest, KeyClaimed
from kernel.observability.metrics.log import APPEND_CONFLICTS


def count_conflict(error: Exception) -> None:
    """Any other error is not counted."""
    match error:
        case Conflict():
            APPEND_CONFLICTS.labels("version").inc()
        case KeyClaimed():
            APPEND_CONFLICTS.labels("claim").inc()
        case DuplicateRequest():
            APPEND_CONFLICTS.labels("idempotency_key").inc()
        case _:
            pass
