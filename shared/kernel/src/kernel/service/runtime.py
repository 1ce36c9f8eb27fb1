"""Run a service's loops beside its HTTP server, and stop them with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import structlog

LOG = structlog.get_logger()
CANCEL_RETRY_SECONDS = 1.0

OnError: TypeAlias = Callable[[Exception], None]
"""Logs the exception, or raises it."""


def reraise(error: Exception) -> None:
    raise error


async def run_forever(
    step: Callable[[], Awaitable[bool | None]],
    pause: Callable[[], Awaitable[None]],
    beat: Callable[[], None] = lambda: None,
    on_error: OnError = reraise,
) -> None:
    """Repeat the step until cancelled, with a pause after it unless it returns True: there is more to do.

    ``beat`` sends a heartbeat, before each step. ``on_error`` gets what a step raises; if it does not raise
    it again, the step is tried again after the pause.
    """
    while True:
        beat()
        try:
            has_more = await step()
        except Exception as error:
            on_error(error)
            has_more = False
        if not has_more:
            await pause()


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the loops until the block ends. They recover from errors themselves; a loop that ends is a defect,
    which is logged here and found by ``/livez``, which misses its heartbeat."""
    tasks = [asyncio.create_task(it, name=getattr(it, "__qualname__", repr(it))) for it in loops]
    for task in tasks:
        task.add_done_callback(_log_task_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_and_report(attempt: Coroutine[Any, Any, None]) -> BaseException | None:
    """Run the coroutine to its end and return its exception, also a ``CancelledError`` that a library let
    escape: only a cancellation of the caller is raised. A library may also swallow a cancellation (a Kafka
    client that is being closed does): the coroutine is then cancelled again."""
    task = asyncio.create_task(attempt)
    try:
        await asyncio.wait([task])
    finally:
        await _end([task])
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def run_until_first(*parts: Coroutine[Any, Any, None]) -> None:
    """Run the coroutines until one ends, cancel the others, and raise the first one's exception. A
    ``TaskGroup`` would go on without one that a library has cancelled, and cancel the others only once."""
    tasks = [asyncio.create_task(it) for it in parts]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in ended:
        task.result()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel the tasks again and again until all are done. A cancellation of the caller is suppressed: it is
    ending already."""
    while pending := [it for it in tasks if not it.done()]:
        for task in pending:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pending, timeout=CANCEL_RETRY_SECONDS)


def _log_task_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        LOG.error("loop_ended", loop=task.get_name(), error=repr(error))
