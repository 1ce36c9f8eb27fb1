"""The loop of a worker that sends reports: queue what is due, and send one mail after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog

from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool
from kernel.service.runtime import run_forever
from projections.reports import mails, owner_keys
from projections.reports.sending import Sender

LOG = structlog.get_logger()
BEAT = "reports"
POLL_SECONDS = 1.0
END_OWNERS_SECONDS = 30.0
"""Between two looks for owners without a key."""
SEND_SECONDS = 400.0
"""Of one mail: its statements have limits of their own, which are shorter."""


class ReportRunner:
    def __init__(
        self, pool: ServicePool, sender: Sender, link_keys: Sequence[bytes], heartbeats: Heartbeats
    ) -> None:
        self._pool = pool
        self._sender = sender
        self._link_keys = link_keys
        self._heartbeats = heartbeats
        self._owners_at = float("-inf")
        self._is_rewrapped = False
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Until cancelled."""
        self._heartbeats.started(BEAT)
        await run_forever(
            self.step, lambda: asyncio.sleep(POLL_SECONDS), lambda: self._heartbeats.beat(BEAT), _on_error
        )

    # failpoint: none needed (report)
    async def step(self) -> bool:
        """Send one mail; false if none waits."""
        if not self._is_rewrapped:
            await owner_keys.rewrap(self._pool, self._link_keys)
            self._is_rewrapped = True
        if time.monotonic() - self._owners_at > END_OWNERS_SECONDS:
            await owner_keys.end_owners(self._pool)
            self._owners_at = time.monotonic()
        await mails.queue_due(self._pool)
        mail = await mails.take(self._pool)
        if mail is None:
            return False
        beating = asyncio.create_task(self._beat())
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._sender.send(mail)
        finally:
            beating.cancel()
        return True

    async def _beat(self) -> None:
        while True:
            self._heartbeats.beat(BEAT)
            await asyncio.sleep(POLL_SECONDS)


def _on_error(error: Exception) -> None:
    """The mail is taken again after its lease."""
    if is_outage(error):
        LOG.warning("reports_interrupted", error=repr(error))
    else:
        LOG.error("report_failed", error=type(error).__name__, exc_info=error)
