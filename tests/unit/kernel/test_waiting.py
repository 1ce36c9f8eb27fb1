"""Pauses: random ones that grow, and events with a time limit."""

from __future__ import annotations

import asyncio

import pytest

from kernel import waiting


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The bounds of each pause, in place of the pause."""
    taken: list[tuple[float, float]] = []

    async def jitter(shortest: float, longest: float) -> None:
        taken.append((shortest, longest))

    monkeypatch.setattr(waiting, "jitter", jitter)
    return taken


async def test_pauses_double_up_to_a_limit(pauses: list[tuple[float, float]]) -> None:
    backoff = waiting.Backoff()
    for _ in range(7):
        await backoff.wait()
    assert pauses == [(0.05, limit) for limit in (0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0)]


async def test_after_a_success_the_next_pause_is_a_short_one(pauses: list[tuple[float, float]]) -> None:
    backoff = waiting.Backoff()
    await backoff.wait()
    await backoff.wait()
    backoff.reset()
    await backoff.wait()
    assert pauses[-1] == (0.05, 0.1)


async def test_a_wait_ends_with_its_event_or_its_limit() -> None:
    happened = asyncio.Event()
    await waiting.wait_at_most(happened, 0)
    assert not happened.is_set()
    happened.set()
    async with asyncio.timeout(10):
        await waiting.wait_at_most(happened, 3600)
