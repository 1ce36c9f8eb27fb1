"""Deadlines of a connection: how long it may stay in each of its phases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import IntEnum
from math import inf
from typing import NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Phase(IntEnum):
    """The part of a request or response that a connection waits for."""

    REQUEST = 0
    HEAD = 1
    BODY = 2
    ANSWER = 3


REQUEST, HEAD, BODY, ANSWER = Phase
"""Module constants, because looking up an enum's member costs more, and it happens for each header."""


class Limits(NamedTuple):
    """Seconds for each phase, in the order of ``Phase``, and for the caller to read what was written; and the
    most connections at a time."""

    request: float
    head: float
    body: float
    answer: float
    writing: float
    connections: int


class TimedProtocol(HttpToolsProtocol):
    """A connection with deadlines; uvicorn limits only the time between two requests. A deadline is a number
    that is checked every second, not a timer: it changes with every request and is hardly ever reached."""

    limits: Limits
    _phase: Phase = HEAD
    _due = inf
    _write_due = inf
    """By then the caller must have read what was written."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait_for(HEAD)
        if len(self.connections) > self.limits.connections:
            self._close_first_due()

    def _close_first_due(self) -> None:
        """Make room by aborting the connection with the earliest deadline. It has waited for its caller for
        longest; phases of a response have later deadlines."""
        connections = (it for it in self.connections if isinstance(it, TimedProtocol))
        first = min(connections, key=lambda it: min(it._due, it._write_due))
        self.connections.discard(first)
        first.transport.abort()

    def close_if_overdue(self, now: float) -> None:
        if self.transport.is_closing():
            self._write_due = min(self._write_due, now + self.limits.writing)
        if now >= self._write_due:
            self.transport.abort()
        elif now >= self._due and not self.transport.is_closing():
            if self._phase is HEAD:
                self._on_slow_head()
            else:
                self.transport.close()

    def pause_writing(self) -> None:
        self._write_due = self.loop.time() + self.limits.writing
        super().pause_writing()

    def resume_writing(self) -> None:
        self._write_due = inf
        super().resume_writing()

    def _wait_for(self, phase: Phase) -> None:
        """While a pipelined request waits nothing more is read, so only the response has a deadline."""
        self._phase = phase
        self._due = self.loop.time() + self.limits[ANSWER if self.pipeline else phase]

    def _on_slow_head(self) -> None:
        """The head of a request did not arrive in time."""
        self.transport.close()


def close_overdue(connections: Iterable[object]) -> None:
    """Call this every second."""
    now = asyncio.get_running_loop().time()
    for connection in [it for it in connections if isinstance(it, TimedProtocol)]:
        connection.close_if_overdue(now)
