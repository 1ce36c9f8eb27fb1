"""The shared fetch waits for most lanes of a batch, and leaves a slow one behind."""

from __future__ import annotations

import asyncio

import pytest

from kernel.projections import fan_out
from kernel.projections.fan_out import wait_for_most

PATIENCE = 0.05


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "PATIENCE_SECONDS", PATIENCE)


async def after(event: asyncio.Event) -> None:
    await event.wait()


async def test_a_lane_that_never_ends_is_left_behind_once_half_of_the_lanes_are_done() -> None:
    done, never = asyncio.Event(), asyncio.Event()
    done.set()
    tasks = [asyncio.create_task(after(it)) for it in (done, done, never)]
    await wait_for_most(tasks)
    assert [it.done() for it in tasks] == [True, True, False]
    never.set()
    await asyncio.gather(*tasks)


async def test_one_fast_lane_does_not_make_the_others_slow() -> None:
    """They take several times as long as the patience after it, all of them alike."""
    fast, others = asyncio.Event(), asyncio.Event()
    fast.set()
    tasks = [asyncio.create_task(after(it)) for it in (fast, others, others, others)]
    asyncio.get_running_loop().call_later(4 * PATIENCE, others.set)
    await wait_for_most(tasks)
    assert all(it.done() for it in tasks)


async def test_where_all_lanes_hang_the_fetch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "MOST_SECONDS", PATIENCE)
    never = asyncio.Event()
    tasks = [asyncio.create_task(after(never)) for _ in range(2)]
    await wait_for_most(tasks)
    assert not any(it.done() for it in tasks)
    never.set()
    await asyncio.gather(*tasks)


async def test_without_lanes_there_is_nothing_to_wait_for() -> None:
    await wait_for_most([])
