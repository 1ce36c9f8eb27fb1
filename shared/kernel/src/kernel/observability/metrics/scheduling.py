"""Metrics of timers and of outbound calls."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

TIMERS_FIRED = counter(Part.TIMERS, "feira_timers_fired", "Timers that came due and were handled", ("kind",))
TIMERS_OVERDUE = gauge(
    Part.TIMERS,
    "feira_timers_overdue",
    "Timers that are due and not yet handled, without outbound calls. Read from the database",
)
TIMERS_OVERDUE_SECONDS = gauge(
    Part.TIMERS,
    "feira_timers_overdue_seconds",
    "For how long, in seconds, the oldest of these timers has been due; 0: there is none. Read from the"
    " database",
)
CALLS = counter(
    Part.CALLS,
    "feira_calls",
    "Outbound calls, by outcome: done, declined, unknown, timeout, or failed (by a defect)",
    ("kind", "outcome"),
)
CALL_DURATION = histogram(
    Part.CALLS,
    "feira_call_duration_seconds",
    "Duration of outbound calls, in seconds, with the record of their outcome",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    ("kind", "outcome"),
)
CALLS_PENDING = gauge(
    Part.CALLS,
    "feira_calls_pending",
    "Outbound calls that are due and not yet ended, with those in progress. Read from the database",
)
