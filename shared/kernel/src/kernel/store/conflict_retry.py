"""Somebody else was first: decide again, a little later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from kernel import waiting
from kernel.errors import Conflict, KeyClaimed

R = TypeVar("R")

CONFLICTS = (Conflict, KeyClaimed, asyncpg.DeadlockDetectedError)
MAX_ATTEMPTS = 20
MAX_PAUSE_SECONDS = 0.05


async def retry_on_conflict(attempt: Callable[[], Awaitable[R]]) -> R:
    """A name that turned out to be taken is decided again, too: the use case will then see who holds it."""
    for number in range(MAX_ATTEMPTS):
        try:
            return await attempt()
        except CONFLICTS:
            if number + 1 == MAX_ATTEMPTS:
                raise
            await waiting.jitter(0, MAX_PAUSE_SECONDS * (number + 1) / MAX_ATTEMPTS)
    raise AssertionError("unreachable: the last attempt returns or raises")
