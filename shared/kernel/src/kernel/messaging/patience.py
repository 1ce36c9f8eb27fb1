"""Let a consumer that has nothing to do ask the broker twice a second instead of twenty times."""

from __future__ import annotations

import time
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher

BUSY_MS = 50
IDLE_MS = 500
BUSY_FOR = 2.0
"""Seconds after the last record."""


class PatientFetcher(Fetcher):  # type: ignore[misc]  # the library has no types
    """A record that comes ends any wait at once, so waiting long costs nothing while nothing comes. But a
    request leaves out the partitions whose records are being handled, and what comes there has to wait for
    its end: so it is kept short as long as there are any, and for a while after."""

    _busy_at: float | None = None

    @property
    def _fetch_max_wait_ms(self) -> int:
        now = time.monotonic()
        if self._records or self._busy_at is None:
            self._busy_at = now
        return BUSY_MS if now - self._busy_at < BUSY_FOR else IDLE_MS


def make_patient(consumer: AIOKafkaConsumer) -> None:
    """Once it has started: the client makes its fetcher then, and offers no choice."""
    fetcher: Any = consumer._fetcher
    fetcher.__class__ = PatientFetcher
