"""Do something again and again, so many at a time, and tell how often a second it is done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

IN_FLIGHT = (1, 8, 32, 128)
LASTS = 2.0
"""Seconds in which new ones are begun."""

One = Callable[[], Awaitable[None]]


async def completed(one: One, in_flight: int) -> float:
    """A second; those that were begun in time are waited for."""
    await asyncio.gather(*(one() for _ in range(in_flight)))  # to warm up
    count = 0
    began = time.perf_counter()

    async def worker() -> None:
        nonlocal count
        while time.perf_counter() - began < LASTS:
            await one()
            count += 1

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return count / (time.perf_counter() - began)
