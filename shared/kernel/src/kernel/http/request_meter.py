"""Measure HTTP requests; those that are held open on purpose apart from the others."""

from __future__ import annotations

import time
from contextvars import ContextVar
from functools import cache
from typing import ClassVar

from prometheus_client import Histogram

from kernel.observability.metrics.http import DURATION, HELD, IN_FLIGHT, OLD_DURATION

_METER: ContextVar[RequestMeter | None] = ContextVar("meter", default=None)


def hold() -> None:
    """The current request asks to wait until something happens, so its duration is the caller's choice."""
    if meter := _METER.get():
        meter.hold()


class RequestMeter:
    """One request, from its head to the end of its response."""

    __slots__ = ("_held", "_started")
    begun: ClassVar[int] = 0
    """Requests that have begun in this process so far."""

    def __init__(self) -> None:
        RequestMeter.begun += 1
        self._started = time.perf_counter()
        self._held = False
        IN_FLIGHT.inc()
        _METER.set(self)

    def hold(self) -> None:
        if not self._held:
            self._held = True
            IN_FLIGHT.dec()

    def end(self, method: str, route: str, status: int) -> float:
        """Count the request; returns its duration in seconds."""
        seconds = time.perf_counter() - self._started
        if not self._held:
            IN_FLIGHT.dec()
        for histogram in _histograms(method, route, status, self._held):
            histogram.observe(seconds)
        return seconds


@cache
def _histograms(method: str, route: str, status: int, held: bool) -> tuple[Histogram, ...]:
    """The children of one label set: labelled by route, not by path, so that their number is bounded."""
    labels = method, route, str(status)
    return (HELD if held else DURATION).labels(*labels), OLD_DURATION.labels(*labels)
