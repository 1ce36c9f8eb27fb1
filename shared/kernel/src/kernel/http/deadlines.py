"""How long one connection may wait for its caller: each of its states has a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import IntEnum
from math import inf
from typing import NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Phase(IntEnum):
    """What a connection waits for."""

    REQUEST = 0
    HEAD = 1
    BODY = 2
    ANSWER = 3


REQUEST, HEAD, BODY, ANSWER = Phase
"""As members of a class they would be looked for at each mention, and they are mentioned for each header."""


class Limits(NamedTuple):
    """Seconds for each phase, in their order, and for a caller to take what has been written."""

    request: float
    head: float
    body: float
    answer: float
    writing: float
    connections: int


class TimedProtocol(HttpToolsProtocol):
    """uvicorn limits the time between two requests alone. A deadline is a number here that is looked at every
    second, not a timer: most of them change with every request and none is ever reached."""

    limits: Limits
    _phase: Phase = HEAD
    _due = inf
    _taken_by = inf
    """When what is written must have been taken."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait_for(HEAD)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Whose time is up first has to go: it has kept us waiting for longest, and answers take longer."""
        mine = (it for it in self.connections if isinstance(it, TimedProtocol))
        first = min(mine, key=lambda it: min(it._due, it._taken_by))
        self.connections.discard(first)
        first.transport.abort()

    def close_if_overdue(self, now: float) -> None:
        if self.transport.is_closing():
            self._taken_by = min(self._taken_by, now + self.limits.writing)
        if now >= self._taken_by:
            self.transport.abort()
        elif now >= self._due and not self.transport.is_closing():
            if self._phase is HEAD:
                self._too_slow()
            else:
                self.transport.close()

    def pause_writing(self) -> None:
        self._taken_by = self.loop.time() + self.limits.writing
        super().pause_writing()

    def resume_writing(self) -> None:
        self._taken_by = inf
        super().resume_writing()

    def _wait_for(self, phase: Phase) -> None:
        """While a request waits its turn no more is read, and so nothing but our answer is waited for."""
        self._phase = phase
        self._due = self.loop.time() + self.limits[ANSWER if self.pipeline else phase]

    def _too_slow(self) -> None:
        """The head of a request has not come in time."""
        self.transport.close()


def close_overdue(connections: Iterable[object]) -> None:
    """To be called every second."""
    now = asyncio.get_running_loop().time()
    for one in [it for it in connections if isinstance(it, TimedProtocol)]:
        one.close_if_overdue(now)
