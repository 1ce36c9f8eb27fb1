"""Heartbeats: whether the loops of this process are alive."""

from __future__ import annotations

import time
from collections.abc import Callable

from kernel.observability.metrics.runtime import LAST_BEAT, LOOP_STALE

MAX_SILENCE_SECONDS = 30.0


class Heartbeats:
    """A loop registers, calls ``started`` once, and then ``beat`` at least every ``limit`` seconds, or
    ``rest`` when it has nothing to do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._started: set[str] = set()
        self._resting: set[str] = set()

    def register(self, name: str, limit: float = MAX_SILENCE_SECONDS) -> None:
        self._limits[name] = limit
        self._last[name] = self._clock()
        LAST_BEAT.labels(name).set_function(lambda: self._silence(name))
        LOOP_STALE.labels(name).set_function(lambda: self._is_stale(name))

    def started(self, name: str) -> None:
        self._started.add(name)
        self.beat(name)

    def beat(self, name: str) -> None:
        self._last[name] = self._clock()
        self._resting.discard(name)

    def rest(self, name: str) -> None:
        """No beat is expected until the loop beats again: it has no work."""
        self._resting.add(name)

    def stale(self) -> list[str]:
        """The loops whose last beat is longer ago than their limit."""
        return [name for name in self._limits if self._is_stale(name)]

    def waiting(self) -> list[str]:
        """The loops that have not started yet."""
        return [name for name in self._limits if name not in self._started]

    def _silence(self, name: str) -> float:
        return 0.0 if name in self._resting else self._clock() - self._last[name]

    def _is_stale(self, name: str) -> bool:
        return self._silence(name) > self._limits[name]
