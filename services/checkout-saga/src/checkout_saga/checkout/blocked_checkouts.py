"""Counts checkouts that have waited too long for a reply of cart or offer: the command may be parked there,
or the reply here."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.workflow import CHECKOUTS
from kernel import ids
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork

OPEN_SINCE = """
    SELECT tenant, holder FROM claims WHERE kind = $1 AND value >= $2 AND value < $3 ORDER BY value LIMIT $4
"""
MAX_EXAMINED = 200
"""The oldest ones only: it matters whether there are any, not how many."""
CACHE_SECONDS = 5.0
"""The endpoint is public; the log is read at most this often for it."""


class BlockedCheckouts:
    def __init__(self, store: EventStore, blocked_after: timedelta, stuck_after: timedelta) -> None:
        """Checkouts open for longer than ``stuck_after`` are reported as stuck instead."""
        self._store = store
        self._blocked_after = blocked_after
        self._stuck_after = stuck_after
        self._lock = asyncio.Lock()
        self._count = 0
        self._valid_until = float("-inf")

    async def count(self, now: datetime) -> int:
        async with self._lock:
            if time.monotonic() > self._valid_until:
                self._count = await self._count_now(now)
                self._valid_until = time.monotonic() + CACHE_SECONDS
            return self._count

    async def _count_now(self, now: datetime) -> int:
        since, until = time_key(now - self._stuck_after), time_key(now - self._blocked_after)
        rows = await self._store.pool.fetch(OPEN_SINCE, OPEN_CHECKOUT, since, until, MAX_EXAMINED, timeout=3)
        by_tenant: defaultdict[str, list[UUID]] = defaultdict(list)
        for row in rows:
            by_tenant[row["tenant"]].append(row["holder"])
        return sum(
            [await self._count_for_tenant(tenant, checkout_ids) for tenant, checkout_ids in by_tenant.items()]
        )

    async def _count_for_tenant(self, tenant: str, checkout_ids: Collection[UUID]) -> int:
        async def act(work: UnitOfWork) -> int:
            latest = work.now - self._blocked_after
            checkouts = await work.open_many(Checkout, checkout_ids)
            return sum(
                it.modified_on < latest and CHECKOUTS.workflow.awaits_reply(it) for it in checkouts.values()
            )

        correlation_id = str(ids.new_id())
        return await self._store.run(
            Context(tenant, correlation_id, correlation_id, "/feira/checkout-saga"), act
        )
