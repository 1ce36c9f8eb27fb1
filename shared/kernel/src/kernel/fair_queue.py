"""Room that many want at a time, shared by tenants: each gets its part at once, and more while it is free.

What comes beyond waits in its tenant's own queue, and the queues are served in turn. So the many of one
tenant wait for one another, and not the others for them.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LATELY = 1.0
"""Seconds for which the part of a tenant that was here is not lent to others: who asks now and then would
otherwise find everything lent each time."""


class QueueFull(Exception):
    """So many of this tenant wait already that one more would not have its turn in time."""


class Turn:
    """A place in the room, held by one request; it may be given back before the request ends."""

    def __init__(self, shares: FairQueue, tenant: str, weight: int) -> None:
        self._shares = shares
        self._tenant = tenant
        self._weight = weight
        self._held = True

    def give_back(self) -> None:
        if self._held:
            self._held = False
            self._shares.leave(self._tenant, self._weight)


class FairQueue:
    def __init__(
        self, most: int, most_waiting: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Both are sums of weights; ``most_waiting`` is that of one tenant."""
        self._most = most
        self._most_waiting = most_waiting
        self._clock = clock
        self._busy: Counter[str] = Counter()
        self._under_way = 0
        self._waiting: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[tuple[int, asyncio.Future[None]]]] = OrderedDict()
        """Of the tenants with somebody in the queue; the next one's turn is the first's."""
        self._seen_at: OrderedDict[str, float] = OrderedDict()
        """When each was here last; the longest ago first."""

    @asynccontextmanager
    async def turn(self, tenant: str, weight: int = 1) -> AsyncIterator[Turn]:
        """Raises ``QueueFull``. However heavy, one of a tenant that has nothing under way does not wait."""
        await self._enter(tenant, weight)
        turn = Turn(self, tenant, weight)
        try:
            yield turn
        finally:
            turn.give_back()

    async def _enter(self, tenant: str, weight: int) -> None:
        self._note(tenant)
        if tenant not in self._queues and self._fits(tenant, weight):
            self._take(tenant, weight)
            return
        if self._most_waiting is not None and self._waiting[tenant] + weight > self._most_waiting:
            raise QueueFull(tenant)
        entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(tenant, deque()).append((weight, entered))
        self._waiting[tenant] += weight
        try:
            await entered
        except BaseException:
            if entered.done() and not entered.cancelled():
                self.leave(tenant, weight)  # it had its turn, and is gone
            raise

    def leave(self, tenant: str, weight: int) -> None:
        self._under_way -= weight
        self._busy[tenant] -= weight
        if not self._busy[tenant]:
            del self._busy[tenant]
        self._let_in()

    def _let_in(self) -> None:
        """One of each tenant in turn, for as long as there is one that fits."""
        stuck = 0
        while stuck < len(self._queues):
            tenant, queue = next(iter(self._queues.items()))
            self._queues.move_to_end(tenant)
            weight, entered = queue[0]
            if not entered.cancelled() and not self._fits(tenant, weight):
                stuck += 1
                continue
            queue.popleft()
            self._waiting[tenant] -= weight
            if not queue:
                del self._queues[tenant], self._waiting[tenant]
            if not entered.cancelled():
                self._take(tenant, weight)
                entered.set_result(None)
            stuck = 0

    def _fits(self, tenant: str, weight: int) -> bool:
        mine = self._busy[tenant]
        if not mine:
            return True
        return mine + weight <= self._most // len(self._seen_at) and self._under_way + weight <= self._most

    def _take(self, tenant: str, weight: int) -> None:
        self._under_way += weight
        self._busy[tenant] += weight

    def _note(self, tenant: str) -> None:
        """That this tenant is here, and who has not been here lately."""
        now = self._clock()
        self._seen_at[tenant] = now
        self._seen_at.move_to_end(tenant)
        while now - next(iter(self._seen_at.values())) > LATELY:
            self._seen_at.popitem(last=False)
