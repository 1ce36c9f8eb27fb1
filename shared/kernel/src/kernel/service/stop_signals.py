"""SIGTERM and SIGINT, from the first lines of a program to its last.

The operating system drops a signal that has no handler if the process has the number 1, as the first process
of a container has: a handler is needed before anything that takes time. Only the standard library is
imported here, so that the handler is there within milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, cast

SIGNALS = (signal.SIGTERM, signal.SIGINT)
END_SECONDS = 9.0
"""A process that is asked to stop has ended after this time, whatever it waits for."""
CANCEL_RETRY_SECONDS = 3.0
TIMED_OUT = 1
"""Exit code of a process that could not end by itself."""


def end_at_once(code: int | None = None) -> None:
    """From now on a signal ends the process at once: it has begun nothing yet that could be left unfinished.

    ``code``: the exit code; by default 128 and the signal's number, for a job, which must not count as done.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        os._exit(128 + number if code is None else code)

    for number in SIGNALS:
        signal.signal(number, end)


def interrupt() -> None:
    """From now on a signal raises ``SystemExit`` in the main thread, with 128 and its number as exit code.
    psycopg then cancels the statement that is running. A second signal changes nothing."""

    def end(number: int, _frame: FrameType | None) -> None:
        for it in SIGNALS:
            signal.signal(it, _ignore)
        _end_after(END_SECONDS, 128 + number)
        raise SystemExit(128 + number)

    for number in SIGNALS:
        signal.signal(number, end)


def on_signal(callback: Callable[[int], None], seconds: float = END_SECONDS) -> None:
    """From now on a signal calls ``callback`` with its number in the running event loop, in place of what it
    did before. ``seconds``: after which the process is ended if it has not ended by itself."""
    loop = asyncio.get_running_loop()

    def handle(number: int) -> None:
        _end_after(seconds, TIMED_OUT)
        callback(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, handle, number)


async def until_signal(main: Coroutine[Any, Any, None]) -> int | None:
    """Run the coroutine, which a signal cancels; return the signal's number if it was cancelled by one. What
    it raises is raised here."""
    loop = asyncio.get_running_loop()
    task = cast("asyncio.Task[Any]", asyncio.current_task())
    received: list[int] = []
    repetition: list[asyncio.TimerHandle] = []

    def cancel() -> None:
        task.cancel()
        # again: a library may swallow a cancellation
        repetition[:] = [loop.call_later(CANCEL_RETRY_SECONDS, cancel)]

    def end(number: int) -> None:
        if not received:
            cancel()
        received.append(number)

    on_signal(end)
    try:
        await main
    except asyncio.CancelledError:
        if not received:
            raise
        return received[0]
    finally:
        for it in repetition:
            it.cancel()
    return None


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The process is ending already."""


def _end_after(seconds: float, code: int) -> None:
    """A thread, because the event loop itself may be what does not end."""
    timer = threading.Timer(seconds, os._exit, [code])
    timer.daemon = True
    timer.start()
