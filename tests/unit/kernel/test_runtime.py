"""Loops end when they are told to, whatever the libraries inside them do with the order."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kernel import runtime
from kernel.runtime import run_and_report, run_until_first


class Stubborn:
    """Swallows the order to end twice, as a client of Kafka does that is being closed."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.swallowed = 0

    async def go_on(self) -> None:
        self.begun.set()
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.swallowed == 2:
                    raise
                self.swallowed += 1


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "CANCEL_RETRY_SECONDS", 0.01)


async def test_an_attempt_that_swallows_the_order_to_end_is_told_again() -> None:
    it = Stubborn()
    waiting = asyncio.create_task(run_and_report(it.go_on()))
    await asyncio.wait_for(it.begun.wait(), 10)
    waiting.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert waiting.cancelled()
    assert it.swallowed == 2


async def test_a_cancellation_that_a_library_lets_out_is_told_and_goes_no_further() -> None:
    async def broken() -> None:
        raise asyncio.CancelledError

    assert isinstance(await run_and_report(broken()), asyncio.CancelledError)


async def test_what_broke_an_attempt_is_told() -> None:
    async def broken() -> None:
        raise ConnectionError("gone")

    assert repr(await run_and_report(broken())) == "ConnectionError('gone')"


async def test_what_breaks_one_part_ends_the_others_even_those_that_swallow_the_order() -> None:
    it = Stubborn()

    async def broken() -> None:
        await it.begun.wait()
        raise ConnectionError("gone")

    assert repr(await asyncio.wait_for(run_and_report(run_until_first(it.go_on(), broken())), 10)) == (
        "ConnectionError('gone')"
    )
    assert it.swallowed == 2


async def test_a_part_that_a_library_cancels_ends_the_others() -> None:
    it = Stubborn()

    async def cancelled() -> None:
        await it.begun.wait()
        raise asyncio.CancelledError

    broken = await asyncio.wait_for(run_and_report(run_until_first(it.go_on(), cancelled())), 10)
    assert isinstance(broken, asyncio.CancelledError)
    assert it.swallowed == 2


async def test_parts_that_swallow_the_order_to_end_are_told_again_however_often_it_takes() -> None:
    first, second = Stubborn(), Stubborn()
    waiting = asyncio.create_task(run_and_report(run_until_first(first.go_on(), second.go_on())))
    for it in (first, second):
        await asyncio.wait_for(it.begun.wait(), 10)
    waiting.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert waiting.cancelled()
    assert (first.swallowed, second.swallowed) == (2, 2)
