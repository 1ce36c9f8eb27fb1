"""Throttle a loop: keep a minimum time between the beginnings of two batches.

A single record is handled at once. Under load records accumulate during the pause, and one transaction,
publish or fetch serves all of them.
"""

from __future__ import annotations

import asyncio
import time

MAX_WORK_SECONDS = 0.1
"""A longer batch counts as this long, which limits the interval: to 0.3 s with the usual ratio."""
INTERVAL_RATIO = 3
"""Interval between two beginnings, as a multiple of the last batch's duration. A longer interval makes larger
batches. This is the measured optimum of a request's latency on saturated processors."""


class Throttle:
    def __init__(self, seconds: float, ratio: int = INTERVAL_RATIO) -> None:
        """``seconds``: the minimum between two beginnings."""
        self._seconds = seconds
        self._ratio = ratio
        self._began = float("-inf")

    async def wait(self) -> None:
        """Wait until the next batch may begin."""
        now = time.monotonic()
        duration = min(now - self._began, MAX_WORK_SECONDS)
        remaining = self._began + max(self._seconds, self._ratio * duration) - now
        if remaining > 0:
            await asyncio.sleep(remaining)

    def begin(self) -> None:
        """Note that a batch begins now."""
        self._began = time.monotonic()
