"""The database's time: read once a second and extrapolated in between."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import asyncpg

from kernel.store.writing import Connection

NOW = "SELECT feira_now()"
REFRESH_SECONDS = 1.0
"""The longest time that a process takes to notice that the clock has been moved by another one."""


async def database_now(connection: Connection | asyncpg.Pool[asyncpg.Record]) -> datetime:
    now: datetime = await connection.fetchval(NOW)
    return now


class Clock:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._reading: tuple[datetime, float] | None = None
        """The database's time, and this process's monotonic time when it arrived."""
        self._refresh_at = float("-inf")
        self._moves = 0

    def forget(self) -> None:
        """Read the time anew: this process has moved the clock."""
        self._moves += 1
        self._reading = None

    async def now(self) -> datetime:
        """Only one of several concurrent callers refreshes; the others go on with the last reading."""
        if self._reading is None or time.monotonic() > self._refresh_at:
            self._refresh_at = time.monotonic() + REFRESH_SECONDS
            moves = self._moves
            reading = await database_now(self._pool), time.monotonic()
            if moves != self._moves:
                return await self.now()
            self._reading = reading
        moment, read_at = self._reading
        return moment + timedelta(seconds=time.monotonic() - read_at)
