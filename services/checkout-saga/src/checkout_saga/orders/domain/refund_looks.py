"""When a refund is looked at that the provider has taken and not decided yet."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_LOOKS = tuple(timedelta(minutes=it) for it in (1, 11, 71))
"""Since the provider has taken it: pauses of a minute, ten minutes and an hour."""
PAUSE = timedelta(hours=6)
"""Afterwards."""
DECIDED_WITHIN = timedelta(days=30)
"""Then an operator is called, and the looks go on."""


def next_look(since: datetime, now: datetime) -> datetime:
    """The first moment of the plan behind ``now``, however many have passed meanwhile."""
    last = since + FIRST_LOOKS[-1]
    if now >= last:
        return last + ((now - last) // PAUSE + 1) * PAUSE
    return next(since + it for it in FIRST_LOOKS if since + it > now)
