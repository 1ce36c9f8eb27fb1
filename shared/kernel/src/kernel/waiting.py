"""Pauses of loops and retries: at random, so that replicas do not act in step, or until an event.

The only place that sleeps at random: the simulation replaces ``jitter`` by its own clock.
"""

from __future__ import annotations

import asyncio
import random


async def jitter(shortest: float, longest: float) -> None:
    """Sleep for a random number of seconds between the two."""
    await asyncio.sleep(random.uniform(shortest, longest))  # noqa: S311  # jitter, not a secret


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


async def jitter_or(wake: asyncio.Event, shortest: float, longest: float) -> None:
    """Like ``jitter``, but return at once when the event is set."""
    await wait_at_most(wake, random.uniform(shortest, longest))  # noqa: S311  # jitter, not a secret


class Backoff:
    """Random pauses between tries, from ``SHORTEST`` seconds to a limit that each of them doubles."""

    SHORTEST = 0.05
    FIRST_LIMIT, LAST_LIMIT = 0.1, 2.0

    def __init__(self) -> None:
        self._limit = self.FIRST_LIMIT

    async def wait(self) -> None:
        await jitter(self.SHORTEST, self._limit)
        self._limit = min(self.LAST_LIMIT, self._limit * 2)

    def reset(self) -> None:
        """After a success: the next pause is a short one."""
        self._limit = self.FIRST_LIMIT
