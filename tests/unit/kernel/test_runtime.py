"""Loops end when they are told to, whatever the libraries inside them do with the order."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kernel import runtime
from kernel.runtime import what_broke


async def test_an_attempt_that_swallows_the_order_to_end_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "ASK_AGAIN", 0.01)
    swallowed: list[str] = []
    begun = asyncio.Event()

    async def stubborn() -> None:
        begun.set()
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if len(swallowed) == 2:
                    raise
                swallowed.append("an order to end")

    waiting = asyncio.create_task(what_broke(stubborn()))
    await asyncio.wait_for(begun.wait(), 10)
    waiting.cancel()

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    assert waiting.cancelled()
    assert len(swallowed) == 2


async def test_a_cancellation_that_a_library_lets_out_is_told_and_goes_no_further() -> None:
    async def broken() -> None:
        raise asyncio.CancelledError

    assert isinstance(await what_broke(broken()), asyncio.CancelledError)


async def test_what_broke_an_attempt_is_told() -> None:
    async def broken() -> None:
        raise ConnectionError("gone")

    assert repr(await what_broke(broken())) == "ConnectionError('gone')"
