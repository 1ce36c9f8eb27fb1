"""Whether the loops of this process still turn."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.metrics import LAST_BEAT

LIMIT = 30.0


class Heartbeats:
    """A loop registers, says once that it has started, and then beats at least as often as its limit says,
    until it has finished, if it ever does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._started: set[str] = set()

    def register(self, name: str, limit: float = LIMIT) -> None:
        self._limits[name] = limit
        self._last[name] = self._clock()
        LAST_BEAT.labels(name).set_function(lambda: self._clock() - self._last[name])

    def started(self, name: str) -> None:
        self._started.add(name)
        self.beat(name)

    def finished(self, name: str) -> None:
        """It has done all that it was there for: nothing more is to be heard of it."""
        self.started(name)
        del self._limits[name]
        LAST_BEAT.labels(name).set_function(lambda: 0.0)

    def beat(self, name: str) -> None:
        self._last[name] = self._clock()

    def stale(self) -> list[str]:
        """The loops that have been silent for too long."""
        now = self._clock()
        return [name for name, limit in self._limits.items() if now - self._last[name] > limit]

    def waiting(self) -> list[str]:
        """The loops that have not started yet."""
        return [name for name in self._limits if name not in self._started]
