"""Loops end when they are cancelled, even if a library swallows or raises cancellations."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kernel.service import runtime
from kernel.service.runtime import run_and_report, run_forever, run_until_first


class Stubborn:
    """Swallows two cancellations, as a Kafka client that is being closed does."""

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


async def test_a_coroutine_that_swallows_its_cancellation_is_cancelled_again() -> None:
    loop = Stubborn()
    waiting = asyncio.create_task(run_and_report(loop.go_on()))
    await asyncio.wait_for(loop.begun.wait(), 10)
    waiting.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert waiting.cancelled()
    assert loop.swallowed == 2


async def test_a_cancellation_from_a_library_is_returned_and_not_raised() -> None:
    async def broken() -> None:
        raise asyncio.CancelledError

    assert isinstance(await run_and_report(broken()), asyncio.CancelledError)


async def test_the_exception_of_the_coroutine_is_returned() -> None:
    async def broken() -> None:
        raise ConnectionError("gone")

    assert repr(await run_and_report(broken())) == "ConnectionError('gone')"


async def test_an_exception_of_one_coroutine_cancels_the_others_even_if_they_swallow_it() -> None:
    loop = Stubborn()

    async def broken() -> None:
        await loop.begun.wait()
        raise ConnectionError("gone")

    assert repr(await asyncio.wait_for(run_and_report(run_until_first(loop.go_on(), broken())), 10)) == (
        "ConnectionError('gone')"
    )
    assert loop.swallowed == 2


async def test_a_coroutine_cancelled_by_a_library_ends_the_others() -> None:
    loop = Stubborn()

    async def cancelled() -> None:
        await loop.begun.wait()
        raise asyncio.CancelledError

    broken = await asyncio.wait_for(run_and_report(run_until_first(loop.go_on(), cancelled())), 10)
    assert isinstance(broken, asyncio.CancelledError)
    assert loop.swallowed == 2


async def test_several_coroutines_that_swallow_cancellations_are_cancelled_until_they_end() -> None:
    first, second = Stubborn(), Stubborn()
    waiting = asyncio.create_task(run_and_report(run_until_first(first.go_on(), second.go_on())))
    for loop in (first, second):
        await asyncio.wait_for(loop.begun.wait(), 10)
    waiting.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert waiting.cancelled()
    assert (first.swallowed, second.swallowed) == (2, 2)


class Steps:
    """Steps with these outcomes, one after the other, and the log of what the loop has done. It is cancelled
    in the pause after the last step."""

    def __init__(self, *outcomes: bool | Exception | None) -> None:
        self._outcomes = list(outcomes)
        self.log: list[str] = []

    async def step(self) -> bool | None:
        self.log.append("step")
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def pause(self) -> None:
        self.log.append("pause")
        if not self._outcomes:
            raise asyncio.CancelledError

    def beat(self) -> None:
        self.log.append("beat")

    def on_error(self, error: Exception) -> None:
        self.log.append(repr(error))

    async def run(self) -> list[str]:
        """What happened until the cancellation."""
        with contextlib.suppress(asyncio.CancelledError):
            await run_forever(self.step, self.pause, self.beat, self.on_error)
        return self.log


async def test_a_loop_beats_before_each_step_and_pauses_after_it() -> None:
    assert await Steps(None, None).run() == ["beat", "step", "pause", "beat", "step", "pause"]


async def test_a_step_with_more_to_do_is_followed_by_the_next_one_at_once() -> None:
    assert await Steps(True, True, False).run() == [*["beat", "step"] * 3, "pause"]


async def test_a_step_that_fails_is_tried_again_after_a_pause() -> None:
    assert await Steps(OSError("down"), None).run() == [
        *("beat", "step", "OSError('down')", "pause"),
        *("beat", "step", "pause"),
    ]


async def test_an_error_that_is_not_handled_ends_the_loop() -> None:
    with pytest.raises(OSError, match="down"):
        await run_forever(Steps(OSError("down")).step, Steps().pause)
