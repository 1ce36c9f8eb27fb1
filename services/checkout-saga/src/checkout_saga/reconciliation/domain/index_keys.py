"""Kinds and values of the unique keys that list runs and differences."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from kernel.store.sort_keys import time_key

UNDER_WAY = "reconciling"
"""Held by the run that compares an account; the value is the account."""
RECONCILIATION = "reconciliation"
"""Lists runs, the newest first."""
DIFFERENCE = "difference"
"""Lists differences by status, the oldest first."""
OPEN, RESOLVED = "open", "resolved"
FAILED = "reconciliation_failed"
"""Held by the first run that has failed since the account was last compared; listed among the open
differences, the oldest first."""
_END_OF_TIME = datetime(2286, 1, 1, tzinfo=UTC)


def run_key(started_at: datetime, run_id: UUID) -> str:
    backwards = datetime.fromtimestamp(0, UTC) + (_END_OF_TIME - started_at)
    return f"{time_key(backwards)}/{run_id}"


def failed_key(failed_at: datetime, account: UUID) -> str:
    return difference_key(OPEN, failed_at, account)


def difference_key(status: str, found_at: datetime, difference_id: UUID) -> str:
    return f"{status}/{time_key(found_at)}/{difference_id}"
