"""Durations on the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.errors import StackError
from devstack.commands.clock import duration_of


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("72h", timedelta(hours=72)),
        ("1d12h", timedelta(hours=36)),
        ("90s", timedelta(seconds=90)),
        ("1h30m15s", timedelta(minutes=90, seconds=15)),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, duration: timedelta) -> None:
    assert duration_of(text) == duration


@pytest.mark.parametrize("text", ["", "72", "h", "0s", "-1h", "1h 30m", "30m1h", "1w", "٣h"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="no duration"):
        duration_of(text)
