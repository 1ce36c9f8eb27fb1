"""Run a coroutine until it ends or a signal cancels it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_CODE = 130

T = TypeVar("T")


class Interrupted(Exception):
    """A signal cancelled the coroutine."""


def run_interruptibly(work: Coroutine[Any, Any, T]) -> T:
    """Raises ``Interrupted`` after a signal. A second signal cancels the cleanup, too."""
    return asyncio.run(_cancelled_by_signals(work))


async def _cancelled_by_signals(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise Interrupted from None
