"""Leave some time between the beginnings of what is done again and again.

What comes alone is done at once. Under load things gather meanwhile and are done together, which costs a
transaction, a publish or a fetch once for all of them.
"""

from __future__ import annotations

import asyncio
import time

LONGEST = 0.1
"""Seconds of work: a rest grows no further with what took longer."""
SHARE = 3
"""Of the time at least so many parts for one part of work. Resting longer makes each batch larger: up to
about here a request comes through sooner for it where the processors are full, and later beyond."""


class Throttle:
    def __init__(self, seconds: float, share: int = SHARE) -> None:
        """``seconds``: the least between two beginnings."""
        self._seconds = seconds
        self._share = share
        self._began = float("-inf")

    async def rest(self) -> None:
        """Wait until it is time for the next one."""
        now = time.monotonic()
        took = min(now - self._began, LONGEST)
        early = self._began + max(self._seconds, self._share * took) - now
        if early > 0:
            await asyncio.sleep(early)

    def begin(self) -> None:
        """There is something to do: it begins now."""
        self._began = time.monotonic()
