"""How often something may be done, counted in the memory of one process: where the exact number does not
matter, and a statement for each would cost more than what is guarded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

OFF = "off"
MAX_KEYS = 100_000
WRITTEN = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})", re.ASCII)


class Rate(NamedTuple):
    """So often in so many seconds."""

    times: int
    seconds: int


def rate_of(text: str) -> Rate | None:
    """``5/60`` is five in a minute; None for ``off``. Raises ``ValueError``."""
    if text == OFF:
        return None
    written = WRITTEN.fullmatch(text)
    if not written:
        raise ValueError(f"must be {OFF} or look like 5/60: so often in so many seconds")
    return Rate(int(written[1]), int(written[2]))


class Limit:
    """Generic cell rate algorithm (ITU-T I.371): of a key it keeps the time at which all that was done is
    paid off, a part of the period for each."""

    def __init__(self, rate: Rate | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._paid_off: dict[Hashable, float] = {}

    def wait(self, key: Hashable) -> float:
        """Seconds until it may be done again; 0 if it may be done now."""
        if self._rate is None:
            return 0.0
        return max(0.0, self._paid_off.get(key, 0.0) - self._clock() - self._slack(self._rate))

    def count(self, key: Hashable) -> None:
        """It was done."""
        if self._rate is None:
            return
        if len(self._paid_off) >= MAX_KEYS:
            self._forget()
        since = max(self._paid_off.pop(key, 0.0), self._clock())
        self._paid_off[key] = since + self._rate.seconds / self._rate.times

    def _forget(self) -> None:
        """Who has paid off; if that is nobody, those who did it longest ago."""
        now = self._clock()
        self._paid_off = {key: it for key, it in self._paid_off.items() if it > now}
        for key in [*self._paid_off][: max(0, len(self._paid_off) - MAX_KEYS // 2)]:
            del self._paid_off[key]

    @staticmethod
    def _slack(rate: Rate) -> float:
        return rate.seconds * (rate.times - 1) / rate.times
