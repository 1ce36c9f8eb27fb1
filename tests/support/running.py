"""Loops of a service in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """These loops until the end of the block; one that ends by itself fails the test."""
    tasks = [asyncio.create_task(it) for it in loops]
    try:
        yield tasks
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
                raise AssertionError("a loop has ended by itself")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
