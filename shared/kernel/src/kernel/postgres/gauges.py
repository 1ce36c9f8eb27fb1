"""Gauges that are read from the database: by a loop, all with one statement, and never by a scrape.

So a database that does not answer holds up no scrape. The gauges then keep their values, and
``feira_gauges_age_seconds`` says how old these are. Every replica of a service exports the same values.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import asyncpg
import structlog

from kernel.observability.health import Heartbeats
from kernel.observability.metrics.runtime import GAUGES_AGE
from kernel.service.runtime import run_forever

LOG = structlog.get_logger()
BEAT = "gauges"
INTERVAL_SECONDS = 5.0
TIMEOUT_SECONDS = 3.0
"""For a connection of the pool and the statement together."""
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '2s'"
"""The server ends the statement also when its client is gone."""


class Reading(NamedTuple):
    query: str
    """SELECT of one value of type jsonb, without parameters. Its cost must not grow with the history."""
    show: Callable[[Any], None]
    """Sets the gauges to the value."""


class DatabaseGauges:
    def __init__(
        self, pool: asyncpg.Pool[asyncpg.Record], readings: Sequence[Reading], heartbeats: Heartbeats
    ) -> None:
        self._pool = pool
        self._readings = readings
        self._statement = f"SELECT {', '.join(f'({it.query})' for it in readings)}"
        self._heartbeats = heartbeats
        self._read_at = time.monotonic()
        self._is_failing = False
        heartbeats.register(BEAT)
        GAUGES_AGE.set_function(lambda: time.monotonic() - self._read_at)

    async def run(self) -> None:
        """Read until cancelled."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.read,
            pause=lambda: asyncio.sleep(INTERVAL_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=self._note_failure,
        )

    # failpoint: none needed (read-only), 3 calls
    async def read(self) -> None:
        """Read once. Raises the errors of the database, and ``TimeoutError``."""
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            self._pool.acquire() as connection,
            connection.transaction(readonly=True),
        ):
            await connection.execute(STATEMENT_TIMEOUT)
            row = await connection.fetchrow(self._statement)
        for reading, value in zip(self._readings, row or (), strict=True):
            reading.show(value)
        self._read_at = time.monotonic()
        self._is_failing = False

    def _note_failure(self, error: Exception) -> None:
        """One line for an outage, not one for each try: the age of the gauges says how long it lasts."""
        if not self._is_failing:
            LOG.warning("gauges_not_read", error=repr(error))
        self._is_failing = True
