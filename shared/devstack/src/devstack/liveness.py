"""Kill a process that runs but fails its liveness probe; its supervisor restarts it.

`GET /livez` of a service fails when one of its loops has exceeded its heartbeat limit. A service that was
live and then does not answer for a minute has a blocked event loop.
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
"""A process that does not answer may only be paused or slow: it gets more time than one that fails the
probe."""

log = logging.getLogger(__name__)


class KillableProcess(Protocol):
    pid: int | None

    def signal(self, number: int) -> None: ...


@dataclass
class ProbeHistory:
    """Results of the liveness probes of one process. ``last_live``, ``last_answer``: monotonic seconds."""

    pid: int | None
    last_live: float | None = None
    last_answer: float = 0.0

    def failure(self, live: bool | None, now: float) -> str | None:
        """Record a probe (None: no answer), and return why the process has to be killed, if it has to."""
        self.last_answer = now if live is not None else self.last_answer
        self.last_live = now if live else self.last_live
        if self.last_live is None:
            return None  # not started yet: readiness has a timeout of its own
        if self.last_answer > self.last_live and now - self.last_live > FAILING_TIMEOUT_SECONDS:
            return "fails its liveness probe"
        return "has not answered for a minute" if now - self.last_live > SILENT_TIMEOUT_SECONDS else None


async def kill_when_not_live(
    name: str, process: KillableProcess, is_live: Callable[[], Awaitable[bool | None]]
) -> None:
    """Probe the process, and each that replaces it, until cancelled. ``is_live`` returns None if there is no
    answer."""
    history = ProbeHistory(None)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if process.pid != history.pid:
            history = ProbeHistory(process.pid)
        live = await is_live()
        if process.pid is None or process.pid != history.pid:
            continue
        if reason := history.failure(live, time.monotonic()):
            log.warning("process_killed: %s %s", name, reason)
            process.signal(signal.SIGKILL)
            history = ProbeHistory(process.pid)
