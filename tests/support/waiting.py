"""Wait for a condition instead of a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

LIMIT = 30.0
LOOK_EVERY = 0.01


async def until(condition: Callable[[], bool | Awaitable[bool]], limit: float = LIMIT) -> None:
    """Return as soon as it holds; fail if it has not come to that within the limit."""
    deadline = time.monotonic() + limit
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come true within {limit:.0f} s")
        await asyncio.sleep(LOOK_EVERY)
