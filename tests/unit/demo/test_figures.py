"""Rules for waiting until the read models have caught up."""

from collections.abc import Awaitable, Callable

import pytest

from demo import figures
from demo.figures import poll_until


def sequence_of(*figures: int) -> tuple[Callable[[], Awaitable[int]], list[int]]:
    """A probe that returns one figure after the other, the last for ever; and what it returned."""
    returned: list[int] = []

    async def look() -> int:
        returned.append(figures[min(len(returned), len(figures) - 1)])
        return returned[-1]

    return look, returned


async def test_polling_ends_with_the_expected_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "POLL_INTERVAL_SECONDS", 0.0)
    look, returned = sequence_of(1, 2, 3, 4)
    assert await poll_until(look, lambda it: it == 3) == 3
    assert returned == [1, 2, 3]


async def test_polling_ends_when_the_figure_stays_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "POLL_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(figures, "UNCHANGED_TIMEOUT_SECONDS", 0.05)
    look, returned = sequence_of(1, 2)
    assert await poll_until(look, lambda it: it == 3) == 2
    assert len(returned) > 2
