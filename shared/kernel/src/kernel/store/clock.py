"""The database's time, asked for once a second and carried on in between."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import asyncpg

from kernel.store.writing import Connection

NOW = "SELECT feira_now()"
ASK_EVERY = 1.0
"""Seconds; by so much at most a process is late to notice that a test has moved the clock."""


async def database_now(connection: Connection | asyncpg.Pool[asyncpg.Record]) -> datetime:
    now: datetime = await connection.fetchval(NOW)
    return now


class Clock:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._asked_at = float("-inf")
        self._told: datetime | None = None

    async def now(self) -> datetime:
        elapsed = time.monotonic() - self._asked_at
        if self._told is None or elapsed > ASK_EVERY:
            self._told, self._asked_at = await database_now(self._pool), time.monotonic()
            return self._told
        return self._told + timedelta(seconds=elapsed)
