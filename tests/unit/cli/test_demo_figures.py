"""Rules for waiting until the read models have caught up."""

from collections.abc import Awaitable, Callable

import pytest

from cli.demo import figures
from cli.demo.figures import poll_until


def telling(*figures: int) -> tuple[Callable[[], Awaitable[int]], list[int]]:
    """Tells one figure after the other, and the last one for ever; the list holds what was told."""
    told: list[int] = []

    async def look() -> int:
        told.append(figures[min(len(told), len(figures) - 1)])
        return told[-1]

    return look, told


async def test_polling_ends_with_the_expected_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "POLL_INTERVAL_SECONDS", 0.0)
    look, told = telling(1, 2, 3, 4)
    assert await poll_until(look, lambda it: it == 3) == 3
    assert told == [1, 2, 3]


async def test_polling_ends_when_the_figure_stays_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "POLL_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(figures, "UNCHANGED_TIMEOUT_SECONDS", 0.05)
    look, told = telling(1, 2)
    assert await poll_until(look, lambda it: it == 3) == 2
    assert len(told) > 2
