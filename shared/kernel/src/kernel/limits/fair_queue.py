"""Fair queue: a limited capacity shared by tenants. Each gets its share at once, and more while it is free.

Requests beyond that wait in their tenant's own queue, and the queues are served round-robin. So the requests
of a busy tenant wait for one another, and other tenants do not wait for them.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

RECENT_SECONDS = 1.0
"""For so long after its last request a tenant's share is not lent to others; otherwise a tenant with
occasional requests would find the whole capacity lent each time."""


class QueueFull(Exception):
    """Too many requests of this tenant wait already: another one would not get its turn in time."""


class Turn:
    """A part of the capacity, held by one request; it may be released before the request ends."""

    def __init__(self, queue: FairQueue, tenant: str, weight: int) -> None:
        self._queue = queue
        self._tenant = tenant
        self._weight = weight
        self._is_held = True

    def release(self) -> None:
        if self._is_held:
            self._is_held = False
            self._queue.leave(self._tenant, self._weight)


class FairQueue:
    def __init__(
        self, capacity: int, max_waiting: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Both are sums of weights; ``max_waiting`` is the limit of each tenant."""
        self._capacity = capacity
        self._max_waiting = max_waiting
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._total_held = 0
        self._waiting: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()
        """Of tenants with waiting requests, as (weight, future), in the order in which they are served."""
        self._seen_at: OrderedDict[str, float] = OrderedDict()
        """When each tenant made its last request; the oldest first."""

    @asynccontextmanager
    async def turn(self, tenant: str, weight: int = 1) -> AsyncIterator[Turn]:
        """Hold ``weight`` of the capacity for the block. A tenant that holds nothing does not wait, whatever
        the weight. Raises ``QueueFull``."""
        await self._enter(tenant, weight)
        turn = Turn(self, tenant, weight)
        try:
            yield turn
        finally:
            turn.release()

    async def _enter(self, tenant: str, weight: int) -> None:
        self._mark_seen(tenant)
        if tenant not in self._queues and self._fits(tenant, weight):
            self._take(tenant, weight)
            return
        if self._max_waiting is not None and self._waiting[tenant] + weight > self._max_waiting:
            raise QueueFull(tenant)
        entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(tenant, deque()).append((weight, entered))
        self._waiting[tenant] += weight
        try:
            await entered
        except BaseException:
            if entered.done() and not entered.cancelled():
                self.leave(tenant, weight)  # cancelled after it had got its turn
            raise

    def leave(self, tenant: str, weight: int) -> None:
        self._total_held -= weight
        self._held[tenant] -= weight
        if not self._held[tenant]:
            del self._held[tenant]
        self._admit()

    def _admit(self) -> None:
        """Admit waiting requests, one of each tenant in turn, as long as any fits."""
        not_fitting = 0
        while not_fitting < len(self._queues):
            tenant, queue = next(iter(self._queues.items()))
            self._queues.move_to_end(tenant)
            weight, entered = queue[0]
            if not entered.cancelled() and not self._fits(tenant, weight):
                not_fitting += 1
                continue
            queue.popleft()
            self._waiting[tenant] -= weight
            if not queue:
                del self._queues[tenant], self._waiting[tenant]
            if not entered.cancelled():
                self._take(tenant, weight)
                entered.set_result(None)
            not_fitting = 0

    def _fits(self, tenant: str, weight: int) -> bool:
        held = self._held[tenant]
        if not held:
            return True
        share = self._capacity // len(self._seen_at)
        return held + weight <= share and self._total_held + weight <= self._capacity

    def _take(self, tenant: str, weight: int) -> None:
        self._total_held += weight
        self._held[tenant] += weight

    def _mark_seen(self, tenant: str) -> None:
        """Note that this tenant has made a request, and drop tenants that have made none recently."""
        now = self._clock()
        self._seen_at[tenant] = now
        self._seen_at.move_to_end(tenant)
        while now - next(iter(self._seen_at.values())) > RECENT_SECONDS:
            self._seen_at.popitem(last=False)
