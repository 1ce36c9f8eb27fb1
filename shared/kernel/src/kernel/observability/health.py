"""Heartbeats: whether the loops of this process are alive."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.observability.metrics.runtime import LAST_BEAT

MAX_SILENCE_SECONDS = 30.0


class Heartbeats:
    """A loop registers, calls ``started`` once, and then ``beat`` at least every ``limit`` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._started: set[str] = set()

    def register(self, name: str, limit: float = MAX_SILENCE_SECONDS) -> None:
        self._limits[name] = limit
        self._last[name] = self._clock()
        LAST_BEAT.labels(name).set_function(lambda: self._clock() - self._last[name])

    def started(self, name: str) -> None:
        self._started.add(name)
        self.beat(name)

    def beat(self, name: str) -> None:
        self._last[name] = self._clock()

    def stale(self) -> list[str]:
        """The loops whose last beat is longer ago than their limit."""
        now = self._clock()
        return [name for name, limit in self._limits.items() if now - self._last[name] > limit]

    def waiting(self) -> list[str]:
        """The loops that have not started yet."""
        return [name for name in self._limits if name not in self._started]
