"""A single-threaded scheduler on virtual time: its clock jumps from one due action to the next."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta
from types import coroutine
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = 1_000
SECOND = 1_000 * MS
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DIE = -1
"""Awaited instead of a pause: the process crashes here."""

Work: TypeAlias = Coroutine[Any, Any, Any]


@coroutine
def pause(micros: int) -> Generator[int, None, None]:
    """Suspend the task for so many microseconds of virtual time."""
    yield micros


def finished(it: Awaitable[T]) -> T:
    """Run a coroutine that never suspends. Raises ``AssertionError`` if it does."""
    try:
        next(it.__await__())
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("the coroutine has suspended")


class Scheduler:
    """Times are whole microseconds since ``EPOCH``; actions due together run in order of scheduling."""

    def __init__(self) -> None:
        self.micros = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._known: tuple[int, datetime] = (0, EPOCH)

    @property
    def now(self) -> datetime:
        micros, known = self._known
        if micros != self.micros:
            known = EPOCH + timedelta(microseconds=self.micros)
            self._known = self.micros, known
        return known

    def after(self, micros: int, act: Callable[[], None]) -> None:
        self._scheduled += 1
        heapq.heappush(self._due, (self.micros + micros, self._scheduled, act))

    def at(self, moment: datetime, later: int, act: Callable[[], None]) -> None:
        """Run ``later`` microseconds after the moment, but not before now."""
        due = (moment - EPOCH) // timedelta(microseconds=1)
        self.after(max(0, due - self.micros) + later, act)

    def run(self, until: int) -> None:
        """Run everything due up to then, and set the clock to it."""
        due = self._due
        while due and due[0][0] <= until:
            self.micros, _, act = heapq.heappop(due)
            act()
        self.micros = until
