"""Whether the aggregate cache of this process is likely to be as new as the log."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.errors import KeyClaimed

MIN_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 30.0


class CacheBackoff:
    """After a conflict caused by a stale cache entry, bypass the cache for 1 s, doubling up to 30 s; a commit
    that was decided from the cache resets the pause.

    A stale entry costs a failed commit. Where other processes change the same aggregates, that would happen
    all the time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause = MIN_PAUSE_SECONDS
        self._paused_until = float("-inf")

    @property
    def allows_cache(self) -> bool:
        return self._clock() >= self._paused_until

    def reset(self) -> None:
        """A commit decided from the cache succeeded."""
        if self.allows_cache:  # a unit of work that began before the conflict proves nothing
            self._pause = MIN_PAUSE_SECONDS

    def note_conflict(self, conflict: Exception) -> None:
        """A commit decided from the cache failed; unique keys are not cached, so ``KeyClaimed`` counts for
        nothing."""
        if not isinstance(conflict, KeyClaimed):
            self.back_off()

    def back_off(self) -> None:
        if self.allows_cache:  # several units of work may notice the same stale entry
            self._paused_until = self._clock() + self._pause
            self._pause = min(2 * self._pause, MAX_PAUSE_SECONDS)
