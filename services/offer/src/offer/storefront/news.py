"""What has changed in the offers of a shop, by any process of this service (PostgreSQL's LISTEN).

A trigger of the log sends a notice with the commit of each fact that a public offer depends on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson
import structlog

from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.service.runtime import run_forever

LOG = structlog.get_logger()
BEAT = "offer news"
CHANNEL = "offer_news"
CHECK_SECONDS = 1.0
LISTEN_TIMEOUT = 3.0
"""Seconds. A connection that has not answered for this long may be dead."""
PING = "SELECT 1"


class Notice(NamedTuple):
    """``changed``: an offer or a product; None: anything of the tenant. Without a tenant, anything at all."""

    tenant: str | None = None
    changed: UUID | None = None


class OfferNewsListener:
    def __init__(self, database_url: str, heartbeats: Heartbeats) -> None:
        self._database_url = database_url
        self._heartbeats = heartbeats
        self._alive_at = float("-inf")
        self._take: Callable[[Notice], None] = _ignore
        heartbeats.register(BEAT)

    def on_news(self, take: Callable[[Notice], None]) -> None:
        self._take = take

    @property
    def is_listening(self) -> bool:
        """Only then does the absence of a notice mean that nothing has changed."""
        return time.monotonic() - self._alive_at < LISTEN_TIMEOUT

    async def run(self) -> None:
        """Listen until cancelled."""
        await run_forever(
            self._listen,
            pause=lambda: asyncio.sleep(CHECK_SECONDS),
            beat=lambda: self._heartbeats.beat(BEAT),
            on_error=_warn_of_outage,
        )

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._database_url, timeout=10)
        try:
            await connection.add_listener(CHANNEL, self._read)
            self._take(Notice())  # changes before this connection may have been missed
            self._heartbeats.started(BEAT)
            while not connection.is_closed():
                await connection.execute(PING, timeout=LISTEN_TIMEOUT)
                self._alive_at = time.monotonic()
                self._heartbeats.beat(BEAT)
                await asyncio.sleep(CHECK_SECONDS)
        finally:
            self._alive_at = float("-inf")
            connection.terminate()

    def _read(self, _connection: object, _pid: object, _channel: object, payload: object) -> None:
        notice = orjson.loads(str(payload))
        self._take(Notice(notice["tenant"], UUID(notice["changed"]) if notice["changed"] else None))


def _ignore(_: Notice) -> None:
    pass


def _warn_of_outage(error: Exception) -> None:
    if not is_outage(error):
        raise error
    LOG.warning("offer_news_interrupted", error=repr(error))
