"""Somebody else was first: decide again, a little later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from kernel import waiting
from kernel.errors import Claimed, Conflict

R = TypeVar("R")

LATE = (Conflict, Claimed, asyncpg.DeadlockDetectedError)
TRIES = 20
LONGEST_PAUSE = 0.05


async def persistently(attempt: Callable[[], Awaitable[R]]) -> R:
    """A name that turned out to be taken is decided again, too: the use case will then see who holds it."""
    for number in range(TRIES):
        try:
            return await attempt()
        except LATE:
            if number + 1 == TRIES:
                raise
            await waiting.jitter(0, LONGEST_PAUSE * (number + 1) / TRIES)
    raise AssertionError("unreachable: the last attempt returns or raises")
