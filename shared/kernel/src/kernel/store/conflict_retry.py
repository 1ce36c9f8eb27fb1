"""Retry a unit of work from the beginning when another writer was first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from kernel import waiting
from kernel.errors import Conflict, KeyClaimed

R = TypeVar("R")

CONFLICTS = (Conflict, KeyClaimed, asyncpg.DeadlockDetectedError)
MAX_ATTEMPTS = 100
"""So many that of 64 writers of one stream, in several processes, the last one gets its turn, too."""
GROWING = 20
"""Attempts after which the pauses do not grow any more."""
MAX_PAUSE_SECONDS = 0.05


async def retry_on_conflict(attempt: Callable[[], Awaitable[R]]) -> R:
    """At most ``MAX_ATTEMPTS``, with growing random pauses; the last conflict is raised.

    ``KeyClaimed`` is retried, too: at the next attempt the use case sees the key's owner.
    """
    for number in range(MAX_ATTEMPTS):
        try:
            return await attempt()
        except CONFLICTS:
            if number + 1 == MAX_ATTEMPTS:
                raise
            await waiting.jitter(0, MAX_PAUSE_SECONDS * min(1, (number + 1) / GROWING))
    raise AssertionError("unreachable: the last attempt returns or raises")
