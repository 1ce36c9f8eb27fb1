"""Listen for notices of other processes of this service (PostgreSQL's LISTEN and NOTIFY)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import asyncpg

from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.service.runtime import run_forever

CHECK_SECONDS = 1.0
LISTEN_TIMEOUT = 3.0
"""Seconds. A connection that has not answered for this long may be dead."""
PING = "SELECT 1"


class NoticeListener:
    """``take`` gets the text of each notice of the channel; None: notices may have been missed before this
    moment. ``warn`` logs that the connection was lost; ``beat`` is the name of the heartbeat."""

    def __init__(
        self,
        database_url: str,
        channel: str,
        take: Callable[[str | None], None],
        warn: Callable[[Exception], None],
        beat: str,
        heartbeats: Heartbeats,
    ) -> None:
        self._database_url = database_url
        self._channel = channel
        self._take = take
        self._warn = warn
        self._beat = beat
        self._heartbeats = heartbeats
        self._alive_at = float("-inf")
        heartbeats.register(beat)

    @property
    def is_listening(self) -> bool:
        """Only then does the absence of a notice mean that nothing has changed."""
        return time.monotonic() - self._alive_at < LISTEN_TIMEOUT

    async def run(self) -> None:
        """Listen until cancelled."""
        await run_forever(
            self._listen,
            pause=lambda: asyncio.sleep(CHECK_SECONDS),
            beat=lambda: self._heartbeats.beat(self._beat),
            on_error=self._warn_of_outage,
        )

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._database_url, timeout=10)
        try:
            await connection.add_listener(self._channel, self._read)
            self._take(None)
            self._heartbeats.started(self._beat)
            while not connection.is_closed():
                await connection.execute(PING, timeout=LISTEN_TIMEOUT)
                self._alive_at = time.monotonic()
                self._heartbeats.beat(self._beat)
                await asyncio.sleep(CHECK_SECONDS)
        finally:
            self._alive_at = float("-inf")
            connection.terminate()

    def _read(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        self._take(str(payload))

    def _warn_of_outage(self, error: Exception) -> None:
        if not is_outage(error):
            raise error
        self._warn(error)
