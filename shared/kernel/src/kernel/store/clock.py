"""The database's time, asked for once a second and carried on in between."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import asyncpg

from kernel.store.writing import Connection

NOW = "SELECT feira_now()"
REFRESH_SECONDS = 1.0
"""Seconds; by so much at most a process is late to notice that a test has moved the clock."""


async def database_now(connection: Connection | asyncpg.Pool[asyncpg.Record]) -> datetime:
    now: datetime = await connection.fetchval(NOW)
    return now


class Clock:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._told: tuple[datetime, float] | None = None
        """A moment of the database's, and ours at which we heard of it."""
        self._ask_at = float("-inf")

    async def now(self) -> datetime:
        """One of those who find it old asks; the others go on by what is known."""
        if self._told is None or time.monotonic() > self._ask_at:
            self._ask_at = time.monotonic() + REFRESH_SECONDS
            self._told = await database_now(self._pool), time.monotonic()
        told, heard_at = self._told
        return told + timedelta(seconds=time.monotonic() - heard_at)
