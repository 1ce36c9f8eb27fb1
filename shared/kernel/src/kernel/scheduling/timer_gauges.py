"""Gauges of timers and of outbound calls that are due, read from the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kernel.observability.metrics.scheduling import (
    CALLS_PENDING,
    TIMERS_OVERDUE,
    TIMERS_OVERDUE_SECONDS,
)
from kernel.postgres.gauges import Reading
from kernel.scheduling.due import PAIRS, TARGET_OF
from kernel.scheduling.outbound_calls import LEASE_SECONDS

DUE = f"""
    WITH RECURSIVE {PAIRS}, soon AS (
        SELECT t.kind, t.due_at, t.attempts FROM pairs
        JOIN timers t ON t.tenant = pairs.tenant AND {TARGET_OF} = pairs.target
        WHERE t.due_at <= feira_now() + interval '{LEASE_SECONDS} seconds'
    )
    SELECT coalesce(jsonb_agg(jsonb_build_array(kind, due, leased, oldest)), '[]') FROM (
        SELECT kind, count(*) FILTER (WHERE due_at <= feira_now()) AS due,
               count(*) FILTER (WHERE due_at > feira_now() AND attempts > 0) AS leased,
               extract(epoch FROM feira_now() - min(due_at)) AS oldest
        FROM soon GROUP BY kind) AS k
"""  # noqa: S608  # constants
"""A call is leased by moving its timer into the future. The index is read by tenant and target."""


def timers(kinds: Iterable[str], calls: Iterable[str] = ()) -> Reading:
    """``kinds``: of the timers that fire; ``calls``: of those that are outbound calls."""
    firing, calling = frozenset(kinds), frozenset(calls)

    def show(found: Any) -> None:
        overdue = [(due, oldest) for kind, due, _, oldest in found if kind in firing]
        TIMERS_OVERDUE.set(sum(due for due, _ in overdue))
        TIMERS_OVERDUE_SECONDS.set(max((max(0.0, oldest) for _, oldest in overdue), default=0.0))
        CALLS_PENDING.set(sum(due + leased for kind, due, leased, _ in found if kind in calling))

    return Reading(DUE, show)
