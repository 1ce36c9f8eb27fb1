"""Pauses between the attempts of an outbound call whose outcome is unknown."""

from datetime import timedelta

MIN_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(seconds=60)
TRIES_BEFORE_OPERATOR = 8
"""Then an operator is called, and the attempts go on."""


def pause_after(tries: int) -> timedelta:
    """Exponential: 1 s, 2 s, 4 s, … at most 60 s. ``tries`` counts from 0."""
    return min(MAX_PAUSE, MIN_PAUSE * (1 << min(tries, 16)))
