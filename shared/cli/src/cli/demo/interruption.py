"""Run something until it is done or somebody wants it to end, and let it clean up in either case."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_CODE = 130

T = TypeVar("T")


class Interrupted(Exception):
    """Somebody wanted it to end before it was done."""


def run_interruptibly(work: Coroutine[Any, Any, T]) -> T:
    """Raises ``Interrupted`` when a signal has ended it; a second signal ends its cleaning up, too."""
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
