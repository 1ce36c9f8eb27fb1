"""Loops of a service in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run the loops until the end of the block; a loop that ends by itself fails the test."""
    tasks = [asyncio.create_task(it) for it in loops]
    try:
        yield tasks
    finally:
        ended = [it for it in tasks if it.done() and not it.cancelling()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if ended:
            raise AssertionError(f"a loop has ended by itself: {ended}")
