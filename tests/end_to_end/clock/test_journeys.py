"""The journeys of `feira demo --journey`, each at a stack of its own: every figure is as it has to be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from demo.journeys.playing import JOURNEYS, play
from tests.support.stack import running_stack


@pytest.mark.parametrize("name", sorted(JOURNEYS))
def test_every_figure_of_a_journey_is_as_it_has_to_be(name: str, tmp_path: Path) -> None:
    with running_stack(tmp_path, {}) as stack:
        story = asyncio.run(play(name, stack.addresses.urls))
    assert story.problems() == []
    assert all(story.chapters.values())
