"""Which checkouts wait for an answer of cart or offer that does not come: the command may be parked there, or
the answer here."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from checkout_saga.application.index_keys import OPEN, moment_name
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import asks_elsewhere
from kernel import ids
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

OPEN_SINCE = """
    SELECT tenant, holder FROM claims WHERE kind = $1 AND value >= $2 AND value < $3 ORDER BY value LIMIT $4
"""
MOST = 200
"""So many are looked at, the oldest first: what is counted is whether there are any."""
KNOWN_SECONDS = 5.0
"""Everybody may ask; the log is read this seldom for it."""


class BlockedCheckouts:
    def __init__(self, store: EventStore, patience: timedelta, stuck_after: timedelta) -> None:
        """Those that are open for longer than ``stuck_after`` are told as stuck, whatever they wait for."""
        self._store = store
        self._patience = patience
        self._stuck_after = stuck_after
        self._counting = asyncio.Lock()
        self._count = 0
        self._known_until = float("-inf")

    async def count(self, now: datetime) -> int:
        async with self._counting:
            if time.monotonic() > self._known_until:
                self._count = await self._counted(now)
                self._known_until = time.monotonic() + KNOWN_SECONDS
            return self._count

    async def _counted(self, now: datetime) -> int:
        since, until = moment_name(now - self._stuck_after), moment_name(now - self._patience)
        rows = await self._store.pool.fetch(OPEN_SINCE, OPEN, since, until, MOST, timeout=3)
        by_tenant: defaultdict[str, list[UUID]] = defaultdict(list)
        for row in rows:
            by_tenant[row["tenant"]].append(row["holder"])
        return sum([await self._of(tenant, open_) for tenant, open_ in by_tenant.items()])

    async def _of(self, tenant: str, open_: Collection[UUID]) -> int:
        async def act(work: UnitOfWork) -> int:
            latest = work.now - self._patience
            checkouts = await work.open_many(Checkout, open_)
            return sum(it.modified_on < latest and asks_elsewhere(it) for it in checkouts.values())

        look = str(ids.new_id())
        return await self._store.run(Context(tenant, look, look, "/feira/checkout-saga"), act)
