"""Run a service's loops beside its HTTP interface, and stop them with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

LOG = structlog.get_logger()
CANCEL_RETRY_SECONDS = 1.0
"""Seconds."""


@asynccontextmanager
async def running(*running: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """The loops go on for as long as the block does. They mend themselves; one that ends is a defect, said
    loudly here and by ``/livez``, which misses its beat."""
    tasks = [asyncio.create_task(it, name=getattr(it, "__qualname__", repr(it))) for it in running]
    for task in tasks:
        task.add_done_callback(_log_task_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_and_report(attempt: Coroutine[Any, Any, None]) -> BaseException | None:
    """Run it to its end and tell why it ended, be it by a cancellation that a library let out: only one that
    is meant for the caller gets through. A library may also swallow one that it is given (a client of Kafka
    that is being closed does): the attempt is then told again to end."""
    task = asyncio.create_task(attempt)
    try:
        await asyncio.wait([task])
    finally:
        await _end([task])
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def run_until_first(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them until one ends, then end the others, and raise what ended it. A ``TaskGroup`` would go on
    without a part that a library has cancelled, and would tell the others only once."""
    tasks = [asyncio.create_task(it) for it in parts]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in ended:
        task.result()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Tell them until they have. Whoever waits here is ending already, and need not be told again."""
    while going_on := [it for it in tasks if not it.done()]:
        for task in going_on:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(going_on, timeout=CANCEL_RETRY_SECONDS)


def _log_task_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        LOG.error("loop_ended", loop=task.get_name(), error=repr(error))
