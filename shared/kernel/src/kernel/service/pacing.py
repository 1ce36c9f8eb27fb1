"""Pace of a loop that works beside requests: a share of the process's time while there are any, all of it
otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

R = TypeVar("R")

SHARE = 0.065
"""Of one core, which the requests of a busy process do not use up: they wait for the database, too."""


class Pace:
    """``requests``: how many requests have begun in this process so far.

    The measure is the CPU time of the step itself and not its duration, which grows with the load: pauses as
    long as the steps would make the loop the slower, the busier the machine is.
    """

    def __init__(
        self,
        requests: Callable[[], int],
        share: float = SHARE,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._share = share
        self._pause = pause
        self._clock = clock
        self.has_company = False
        """Whether a request began during the last step or the pause before it."""
        self._seen = requests()

    async def keep(self, step: Coroutine[Any, Any, R]) -> R:
        """Run the step. Pause after it for as long as it takes to keep to the share, if a request began
        meanwhile."""
        began = self._clock()
        metered = CpuMeter(step)
        result = await metered
        begun = self._requests()
        self.has_company, self._seen = begun != self._seen, begun
        pause = metered.seconds / self._share - (self._clock() - began)
        if self.has_company and pause > 0:
            await self._pause(pause)
        return result


class CpuMeter(Generic[R]):
    """Awaits a coroutine; ``seconds`` is the CPU time that its own steps have taken so far. What the event
    loop does in between for others does not count."""

    def __init__(self, work: Coroutine[Any, Any, R]) -> None:
        self._work = work
        self.seconds = 0.0

    def __await__(self) -> Generator[Any, None, R]:
        steps = self._work.__await__()
        error: BaseException | None = None
        while True:
            began = time.thread_time()
            try:
                waited_for = next(steps) if error is None else steps.throw(error)
            except StopIteration as end:
                result: R = end.value
                return result
            finally:
                self.seconds += time.thread_time() - began
            error = None
            try:
                yield waited_for
            except BaseException as raised:  # a cancellation, too: the coroutine decides what becomes of it
                error = raised
