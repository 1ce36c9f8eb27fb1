"""Fair queue: each tenant gets its share at once, borrows what is free, and waits only for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from kernel.limits.fair_queue import RECENT_SECONDS, FairQueue, QueueFull

CROWD = "crowd"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
async def nobody_stays() -> AsyncIterator[None]:
    yield
    for it in asyncio.all_tasks():
        if it.get_name() == CROWD:
            it.cancel()
    await asyncio.sleep(0)


class Crowd:
    """Requests turns and holds them until ``leave`` releases them."""

    def __init__(self, queue: FairQueue) -> None:
        self._queue = queue
        self.entered: list[str] = []
        self._running: list[tuple[str, asyncio.Event, asyncio.Task[None]]] = []

    async def ask(self, tenant: str, times: int = 1, weight: int = 1) -> None:
        for _ in range(times):
            leave = asyncio.Event()
            self._running.append(
                (tenant, leave, asyncio.create_task(self._one(tenant, weight, leave), name=CROWD))
            )
        await self._settle()

    async def leave(self, tenant: str, times: int = 1) -> None:
        """Release the earliest turns."""
        for it in [it for it in self._running if it[0] == tenant][:times]:
            self._running.remove(it)
            it[1].set()
        await self._settle()

    async def cancel(self, tenant: str) -> None:
        """Cancel the latest request."""
        it = [it for it in self._running if it[0] == tenant][-1]
        self._running.remove(it)
        it[2].cancel()
        await self._settle()

    async def _one(self, tenant: str, weight: int, leave: asyncio.Event) -> None:
        async with self._queue.turn(tenant, weight):
            self.entered.append(tenant)
            await leave.wait()

    @staticmethod
    async def _settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def test_a_tenant_alone_gets_the_whole_capacity() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 20)
    assert len(crowd.entered) == 8
    await crowd.leave("a", 3)
    assert len(crowd.entered) == 11


async def test_the_first_request_of_another_tenant_does_not_wait_for_a_full_queue() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 20)
    await crowd.ask("b")
    assert crowd.entered == [*"aaaaaaaa", "b"]


async def test_the_share_of_a_recent_tenant_is_not_lent_and_that_of_an_absent_one_is() -> None:
    clock = Clock()
    crowd = Crowd(FairQueue(8, clock=clock))
    await crowd.ask("a", 100)
    await crowd.ask("b")
    await crowd.leave("b")
    await crowd.leave("a", 8)
    assert len(crowd.entered) == 8 + 1 + 4  # b left only a moment ago
    clock.now += RECENT_SECONDS + 0.1
    await crowd.ask("a")
    await crowd.leave("a")
    assert len(crowd.entered) == 8 + 1 + 1 + 8  # the whole capacity again: one has left, eight are in


async def test_waiting_tenants_are_served_round_robin() -> None:
    crowd = Crowd(FairQueue(4))
    for tenant in "ab":
        await crowd.ask(tenant, 10)
    await crowd.leave("a", 4)
    crowd.entered.clear()
    for _ in range(4):
        await crowd.leave("a")
        await crowd.leave("b")
    assert crowd.entered.count("a") == crowd.entered.count("b")


async def test_weight_counts_and_a_request_above_the_capacity_runs_alone() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 3, weight=4)
    assert len(crowd.entered) == 2
    await crowd.leave("a", 2)
    await crowd.leave("a")
    await crowd.ask("a", 2, weight=100)
    assert len(crowd.entered) == 4
    await crowd.leave("a")
    assert len(crowd.entered) == 5


async def test_requests_beyond_a_tenants_waiting_limit_are_refused_and_other_tenants_are_served() -> None:
    queue = FairQueue(1, max_waiting=2)
    crowd = Crowd(queue)
    await crowd.ask("a", 3)
    async with AsyncExitStack() as kept:
        with pytest.raises(QueueFull):
            await kept.enter_async_context(queue.turn("a"))
        await kept.enter_async_context(queue.turn("b"))


async def test_a_cancelled_request_holds_no_capacity_and_blocks_no_other() -> None:
    crowd = Crowd(FairQueue(1))
    await crowd.ask("a", 3)
    await crowd.cancel("a")
    await crowd.leave("a")
    await crowd.leave("a")
    await crowd.ask("a")
    assert crowd.entered == ["a"] * 3


async def test_a_turn_released_early_is_not_released_twice() -> None:
    queue = FairQueue(1)
    async with queue.turn("a") as first:
        first.release()
        async with queue.turn("a"):
            pass
    crowd = Crowd(queue)
    await crowd.ask("a", 2)
    assert len(crowd.entered) == 1
