"""Measure the event loop: how late it runs a timer that is due."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from kernel.observability.metrics.runtime import EVENT_LOOP_LAG

INTERVAL_SECONDS = 0.5
WINDOW_SECONDS = 15.0
"""As the gauge's description says; a usual interval of scrapes, so that none misses a delay."""


async def measure_event_loop() -> None:
    """Never returns."""
    delays: deque[tuple[float, float]] = deque(maxlen=int(WINDOW_SECONDS / INTERVAL_SECONDS))
    """The end of each sleep, and its delay."""

    def longest() -> float:
        since = time.monotonic() - WINDOW_SECONDS
        return max((delay for ended, delay in delays if ended >= since), default=0.0)

    EVENT_LOOP_LAG.set_function(longest)
    while True:
        due = time.monotonic() + INTERVAL_SECONDS
        await asyncio.sleep(INTERVAL_SECONDS)
        now = time.monotonic()
        delays.append((now, max(0.0, now - due)))
