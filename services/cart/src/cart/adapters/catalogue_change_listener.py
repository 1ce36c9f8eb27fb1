"""Tell whoever waits that our copy of the catalogue has changed, whichever process changed it."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import structlog

from kernel.database import is_outage
from kernel.health import Heartbeats

LOG = structlog.get_logger()
BEAT = "catalogue news"
CHECK_SECONDS = 1.0
LISTEN_TIMEOUT = 3.0
"""Seconds after which a silent connection may be a dead one."""
CHANNEL = "catalogue"
NOTIFY = f"SELECT pg_notify('{CHANNEL}', '')"
STILL_THERE = "SELECT 1"


class CatalogueChangeListener:
    def __init__(self, database_url: str, heartbeats: Heartbeats) -> None:
        self._database_url = database_url
        self._heartbeats = heartbeats
        self._change = asyncio.Event()
        self._heard_at = float("-inf")
        heartbeats.register(BEAT)

    @property
    def next_change(self) -> asyncio.Event:
        """Is set at the first change after this moment: take it before reading, wait for it afterwards."""
        return self._change

    @property
    def is_listening(self) -> bool:
        """Whether a change would be heard of now: for as long as none is, what was read is as it was."""
        return time.monotonic() - self._heard_at < LISTEN_TIMEOUT

    async def run(self) -> None:
        """Listen until cancelled; a lost connection costs those who wait no more than their patience."""
        while True:
            try:
                await self._listen()
            except Exception as broken:
                if not is_outage(broken):
                    raise
                LOG.warning("catalogue_news_interrupted", error=repr(broken))
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(CHECK_SECONDS)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._database_url, timeout=10)
        try:
            await connection.add_listener(CHANNEL, self._tell)
            self._tell()  # whatever was missed before
            self._heartbeats.started(BEAT)
            while not connection.is_closed():
                await connection.execute(STILL_THERE, timeout=LISTEN_TIMEOUT)
                self._heard_at = time.monotonic()
                self._heartbeats.beat(BEAT)
                await asyncio.sleep(CHECK_SECONDS)
        finally:
            self._heard_at = float("-inf")
            connection.terminate()

    def _tell(self, *_: object) -> None:
        self._change.set()
        self._change = asyncio.Event()
