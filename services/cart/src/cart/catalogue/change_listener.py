"""Listen for changes of the catalogue's projection, by any process of this service (PostgreSQL's LISTEN)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import asyncpg
import structlog

from cart.catalogue.news import CHANNEL, EVERYTHING, Notice, read_notice
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.service.runtime import run_forever

LOG = structlog.get_logger()
BEAT = "catalogue news"
CHECK_SECONDS = 1.0
LISTEN_TIMEOUT = 3.0
"""Seconds. A connection that has not answered for this long may be dead."""
PING = "SELECT 1"


class CatalogueChangeListener:
    def __init__(self, database_url: str, heartbeats: Heartbeats) -> None:
        self._database_url = database_url
        self._heartbeats = heartbeats
        self._change = asyncio.Event()
        self._alive_at = float("-inf")
        self._tell: Callable[[Notice | None], None] = _ignore
        heartbeats.register(BEAT)

    def on_news(self, tell: Callable[[Notice | None], None]) -> None:
        """``tell`` gets each notice at once, before the end of any wait for it; None: anything may have
        changed."""
        self._tell = tell

    @property
    def next_change(self) -> asyncio.Event:
        """The event of the first change after this moment: get it before a read, wait for it afterwards."""
        return self._change

    @property
    def is_listening(self) -> bool:
        """Whether changes are signalled. Only then does the absence of a signal mean that a read is
        current."""
        return time.monotonic() - self._alive_at < LISTEN_TIMEOUT

    async def run(self) -> None:
        """Listen until cancelled. While the connection is lost, a waiting read ends by its own time limit."""
        await run_forever(
            self._listen,
            pause=lambda: asyncio.sleep(CHECK_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=_warn_of_outage,
        )

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._database_url, timeout=10)
        try:
            await connection.add_listener(CHANNEL, self._take_notice)
            self._signal_change(EVERYTHING)  # changes before this connection may have been missed
            self._heartbeats.started(BEAT)
            while not connection.is_closed():
                await connection.execute(PING, timeout=LISTEN_TIMEOUT)
                self._alive_at = time.monotonic()
                self._heartbeats.beat(BEAT)
                await asyncio.sleep(CHECK_SECONDS)
        finally:
            self._alive_at = float("-inf")
            connection.terminate()

    def _take_notice(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        self._signal_change(str(payload))

    def _signal_change(self, notice: str) -> None:
        self._tell(read_notice(notice))
        self._change.set()
        self._change = asyncio.Event()


def _ignore(_: Notice | None) -> None:
    pass


def _warn_of_outage(error: Exception) -> None:
    if not is_outage(error):
        raise error
    LOG.warning("catalogue_listener_interrupted", error=repr(error))
