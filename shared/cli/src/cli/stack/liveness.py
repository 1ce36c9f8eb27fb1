"""End a process that runs, but does not live any more: its supervision starts it again.

A service denies by its `GET /livez` that it lives when one of its loops has not turned for the loop's own
limit. One that has lived and then says nothing for a minute has lost its event loop.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

POLL_SECONDS = 1.0
FAILING_TIMEOUT_SECONDS = 3.0
SILENT_TIMEOUT_SECONDS = 60.0
"""Seconds; a process that is only stopped or slow has longer than one that denies."""

log = logging.getLogger(__name__)


class KillableProcess(Protocol):
    pid: int | None

    def signal(self, number: int) -> None: ...


@dataclass
class ProbeHistory:
    """What one process has said so far, and when."""

    pid: int | None
    good: float | None = None
    any: float = 0.0

    def trouble(self, lives: bool | None, now: float) -> str | None:
        """Why it is to be ended, with what it says now; None where it says nothing."""
        self.any = now if lives is not None else self.any
        self.good = now if lives else self.good
        if self.good is None:
            return None  # it has not come up yet: its supervision waits for that
        if self.any > self.good and now - self.good > FAILING_TIMEOUT_SECONDS:
            return "says that it does not live any more"
        return "has said nothing for a minute" if now - self.good > SILENT_TIMEOUT_SECONDS else None


async def kill_when_not_live(
    name: str, process: KillableProcess, lives: Callable[[], Awaitable[bool | None]]
) -> None:
    """Until cancelled, also for those that follow the process that is ended. ``lives``: None where nothing
    answers."""
    answers = ProbeHistory(None)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if process.pid != answers.pid:
            answers = ProbeHistory(process.pid)
        told = await lives()
        if process.pid is None or process.pid != answers.pid:
            continue
        if why := answers.trouble(told, time.monotonic()):
            log.warning("%s %s and is killed", name, why)
            process.signal(signal.SIGKILL)
            answers = ProbeHistory(process.pid)
