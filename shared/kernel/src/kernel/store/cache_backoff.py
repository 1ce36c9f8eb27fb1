"""Whether what this process remembers of aggregates is likely to be as new as the log."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.errors import KeyClaimed

MIN_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 30.0
"""Seconds."""


class CacheBackoff:
    """Memory that turns out to be old costs a lost commit. Where other processes change the same aggregates
    that would happen all the time, so after each loss memory is left alone for a while: for twice as long
    as the last time, unless it has been right in between."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause = MIN_PAUSE_SECONDS
        self._from = float("-inf")

    def __bool__(self) -> bool:
        return self._clock() >= self._from

    def reset(self) -> None:
        if self:  # whoever began before it was found wrong tells nothing of how it is now
            self._pause = MIN_PAUSE_SECONDS

    def is_bypassed(self, late: Exception) -> None:
        """What was decided by memory has come too late; of names memory says nothing."""
        if not isinstance(late, KeyClaimed):
            self.back_off()

    def back_off(self) -> None:
        if self:  # many may find out at once
            self._from = self._clock() + self._pause
            self._pause = min(2 * self._pause, MAX_PAUSE_SECONDS)
