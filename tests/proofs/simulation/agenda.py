"""The one thread's agenda: what happens next, by a clock that moves only from one thing to the next."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta
from types import coroutine
from typing import Any, TypeAlias

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = 1_000
SECOND = 1_000 * MS
MINUTE = 60 * SECOND
DIE = -1
"""Asked for instead of a pause by whoever finds that its process dies here."""

Work: TypeAlias = Coroutine[Any, Any, Any]


@coroutine
def pause(micros: int) -> Generator[int, None, None]:
    """Let others have their turn for so long."""
    yield micros


class Agenda:
    """Times are whole microseconds since ``EPOCH``; what is due together comes in the order of the asking."""

    def __init__(self) -> None:
        self.micros = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._asked = 0
        self._told: tuple[int, datetime] = (0, EPOCH)

    @property
    def now(self) -> datetime:
        micros, known = self._told
        if micros != self.micros:
            known = EPOCH + timedelta(microseconds=self.micros)
            self._told = self.micros, known
        return known

    def after(self, micros: int, act: Callable[[], None]) -> None:
        self._asked += 1
        heapq.heappush(self._due, (self.micros + micros, self._asked, act))

    def at(self, moment: datetime, later: int, act: Callable[[], None]) -> None:
        """So much later than the moment, and not before now."""
        due = (moment - EPOCH) // timedelta(microseconds=1)
        self.after(max(0, due - self.micros) + later, act)

    def run(self, until: int) -> None:
        """Do all that is due up to then; the clock stands there afterwards."""
        due = self._due
        while due and due[0][0] <= until:
            self.micros, _, act = heapq.heappop(due)
            act()
        self.micros = until
