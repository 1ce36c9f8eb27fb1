"""What the interface shows of a cart's history."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from cart.carts.use_cases.past import HistoryEntry
from contracts.views import Money, money


class HistoryEntryView(TypedDict):
    """``at`` is the recorded time. ``total_before`` is null for the creation of the cart."""

    version: int
    at: datetime
    occurred_at: datetime
    actor: str
    type: str
    summary: str
    total_before: Money | None
    total_after: Money


def show_entry(entry: HistoryEntry) -> HistoryEntryView:
    before, fact = entry.total_before, entry.recorded.fact
    return HistoryEntryView(
        version=entry.version,
        at=fact.timestamp,
        occurred_at=entry.recorded.occurred_at,
        actor=entry.recorded.actor,
        type=fact.TYPE,
        summary=entry.summary,
        total_before=None if before is None else money(before, entry.currency),
        total_after=money(entry.total_after, entry.currency),
    )
