"""A loop beside requests keeps to its share of the CPU while there are any."""

from __future__ import annotations

import asyncio
import time

import pytest

from kernel.service.pacing import CpuMeter, Pace

SHARE = 0.001
"""So small that a pause is due however long a busy machine takes for a step."""
WORK = 0.02
"""Seconds of CPU time in each step."""


class Requests:
    """Each step of ``busy`` is accompanied by a request. ``took``: seconds from a step's begin to its end,
    which are more than its CPU time on a busy machine."""

    def __init__(self, took: float = WORK) -> None:
        self.now = 0.0
        self.took = took
        self.begun = 0
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def alone(self) -> str:
        _work()
        self.now += self.took
        return "done"

    async def busy(self) -> str:
        self.begun += 1
        return await self.alone()

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.begun, SHARE, self.pause, lambda: self.now)


async def test_a_step_without_requests_is_followed_by_the_next_one_at_once() -> None:
    requests = Requests()
    pace = requests.pace
    assert [await pace.keep(requests.alone()) for _ in range(3)] == ["done"] * 3
    assert requests.pauses == []
    assert not pace.has_company


async def test_beside_requests_a_step_is_followed_by_a_pause_up_to_the_share() -> None:
    requests = Requests(took=0.05)
    pace = requests.pace
    await pace.keep(requests.busy())
    (pause,) = requests.pauses
    assert 0.05 + pause >= WORK / SHARE
    assert pace.has_company


async def test_a_step_that_took_long_enough_for_its_share_is_followed_by_no_pause() -> None:
    requests = Requests(took=60)
    pace = requests.pace
    await pace.keep(requests.busy())
    assert requests.pauses == []
    assert pace.has_company


async def test_a_request_of_the_pause_before_counts_too() -> None:
    requests = Requests()
    pace = requests.pace
    await pace.keep(requests.busy())
    requests.begun += 1
    await pace.keep(requests.alone())
    assert len(requests.pauses) == 2
    await pace.keep(requests.alone())
    assert len(requests.pauses) == 2


async def test_what_runs_while_a_step_waits_does_not_count_as_its_own_work() -> None:
    async def waits() -> str:
        await asyncio.sleep(0)
        return "done"

    async def works() -> None:
        _work()

    metered = CpuMeter(waits())
    other = asyncio.create_task(works())
    assert await metered == "done"
    await other
    assert metered.seconds < WORK


async def test_the_work_of_a_step_counts_before_and_after_it_has_waited() -> None:
    async def works_twice() -> None:
        _work()
        await asyncio.sleep(0)
        _work()

    metered = CpuMeter(works_twice())
    await metered
    assert metered.seconds >= 2 * WORK


async def test_an_error_and_a_cancellation_reach_the_step_and_its_caller() -> None:
    ended: list[str] = []

    async def waits_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Requests().pace.keep(fails())
    task = asyncio.create_task(Requests().pace.keep(waits_for_ever()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cancelled"]


def _work() -> None:
    end = time.thread_time() + WORK
    while time.thread_time() < end:
        pass
