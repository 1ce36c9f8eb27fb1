"""Rate limits, counted in the memory of one process: for cases in which the exact number does not matter and
a statement for each request would cost more than what is guarded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

OFF = "off"
MAX_KEYS = 100_000
RESOLUTION_SECONDS = 0.001
"""A shorter wait is none: sums of thirds of a period must not refuse the last use of a burst."""
FORMAT = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})", re.ASCII)


class Rate(NamedTuple):
    """``times`` in ``seconds``."""

    times: int
    seconds: int


def rate_of(text: str) -> Rate | None:
    """``5/60`` is five in a minute; None for ``off``. Raises ``ValueError``."""
    if text == OFF:
        return None
    match = FORMAT.fullmatch(text)
    if not match:
        raise ValueError(f"must be {OFF} or look like 5/60: so often in so many seconds")
    return Rate(int(match[1]), int(match[2]))


class Limit:
    """Generic cell rate algorithm (ITU-T I.371): keeps for each key its theoretical arrival time, which every
    counted use moves by one part of the period."""

    def __init__(self, rate: Rate | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._arrivals: dict[Hashable, float] = {}

    def wait(self, key: Hashable) -> float:
        """Seconds until the key may be used again; 0 if it may be used now."""
        if self._rate is None:
            return 0.0
        seconds = self._arrivals.get(key, 0.0) - self._clock() - self._tolerance(self._rate)
        return seconds if seconds > RESOLUTION_SECONDS else 0.0

    def count(self, key: Hashable) -> None:
        """Count one use of the key."""
        if self._rate is None:
            return
        if len(self._arrivals) >= MAX_KEYS:
            self._evict()
        since = max(self._arrivals.pop(key, 0.0), self._clock())
        self._arrivals[key] = since + self._rate.seconds / self._rate.times

    def _evict(self) -> None:
        """Remove keys whose arrival time has passed; if too many are left, the ones counted longest ago."""
        now = self._clock()
        self._arrivals = {key: arrival for key, arrival in self._arrivals.items() if arrival > now}
        for key in [*self._arrivals][: max(0, len(self._arrivals) - MAX_KEYS // 2)]:
            del self._arrivals[key]

    @staticmethod
    def _tolerance(rate: Rate) -> float:
        return rate.seconds * (rate.times - 1) / rate.times
