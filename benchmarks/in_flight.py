"""Measure how often a second an action completes with a given number of them in flight."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

IN_FLIGHT = (1, 8, 32, 128)
DURATION_SECONDS = 2.0
"""Seconds in which new actions are begun."""

Action = Callable[[], Awaitable[None]]


async def completed(action: Action, in_flight: int) -> float:
    """Completed actions a second; those in flight at the end are waited for and count."""
    await asyncio.gather(*(action() for _ in range(in_flight)))  # warm up
    count = 0
    began = time.perf_counter()

    async def worker() -> None:
        nonlocal count
        while time.perf_counter() - began < DURATION_SECONDS:
            await action()
            count += 1

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return count / (time.perf_counter() - began)
