"""Each tenant has its part of the room at once, and more while others are away; it waits only for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from kernel.fair_queue import RECENT_SECONDS, FairQueue, QueueFull

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
    """Asks for turns and keeps them until told to give them back."""

    def __init__(self, shares: FairQueue) -> None:
        self._shares = shares
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
        """The ones that came first."""
        for it in [it for it in self._running if it[0] == tenant][:times]:
            self._running.remove(it)
            it[1].set()
        await self._settle()

    async def cancel(self, tenant: str) -> None:
        """The one that came last."""
        it = [it for it in self._running if it[0] == tenant][-1]
        self._running.remove(it)
        it[2].cancel()
        await self._settle()

    async def _one(self, tenant: str, weight: int, leave: asyncio.Event) -> None:
        async with self._shares.turn(tenant, weight):
            self.entered.append(tenant)
            await leave.wait()

    @staticmethod
    async def _settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def test_a_tenant_that_is_alone_has_all_the_room() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 20)
    assert len(crowd.entered) == 8
    await crowd.leave("a", 3)
    assert len(crowd.entered) == 11


async def test_the_first_of_another_tenant_does_not_wait_though_all_room_is_lent() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 20)
    await crowd.ask("b")
    assert crowd.entered == [*"aaaaaaaa", "b"]


async def test_lent_room_comes_back_and_the_part_of_one_who_was_here_lately_is_kept() -> None:
    clock = Clock()
    crowd = Crowd(FairQueue(8, clock=clock))
    await crowd.ask("a", 100)
    await crowd.ask("b")
    await crowd.leave("b")
    await crowd.leave("a", 8)
    assert len(crowd.entered) == 8 + 1 + 4  # b has gone, but a moment ago
    clock.now += RECENT_SECONDS + 0.1
    await crowd.ask("a")
    await crowd.leave("a")
    assert len(crowd.entered) == 8 + 1 + 1 + 8  # all of it again: one has left, eight are in


async def test_tenants_that_wait_are_let_in_by_turns() -> None:
    crowd = Crowd(FairQueue(4))
    for tenant in "ab":
        await crowd.ask(tenant, 10)
    await crowd.leave("a", 4)
    crowd.entered.clear()
    for _ in range(4):
        await crowd.leave("a")
        await crowd.leave("b")
    assert crowd.entered.count("a") == crowd.entered.count("b")


async def test_heavy_ones_take_more_room_and_the_heaviest_goes_alone() -> None:
    crowd = Crowd(FairQueue(8))
    await crowd.ask("a", 3, weight=4)
    assert len(crowd.entered) == 2
    await crowd.leave("a", 2)
    await crowd.leave("a")
    await crowd.ask("a", 2, weight=100)
    assert len(crowd.entered) == 4
    await crowd.leave("a")
    assert len(crowd.entered) == 5


async def test_more_than_may_wait_are_refused_and_others_are_not() -> None:
    shares = FairQueue(1, max_waiting=2)
    crowd = Crowd(shares)
    await crowd.ask("a", 3)
    async with AsyncExitStack() as kept:
        with pytest.raises(QueueFull):
            await kept.enter_async_context(shares.turn("a"))
        await kept.enter_async_context(shares.turn("b"))


async def test_one_that_no_longer_waits_keeps_no_room_and_nobody_waiting() -> None:
    crowd = Crowd(FairQueue(1))
    await crowd.ask("a", 3)
    await crowd.cancel("a")
    await crowd.leave("a")
    await crowd.leave("a")
    await crowd.ask("a")
    assert crowd.entered == ["a"] * 3


async def test_a_turn_that_was_given_back_early_is_not_given_back_twice() -> None:
    shares = FairQueue(1)
    async with shares.turn("a") as first:
        first.release()
        async with shares.turn("a"):
            pass
    crowd = Crowd(shares)
    await crowd.ask("a", 2)
    assert len(crowd.entered) == 1
