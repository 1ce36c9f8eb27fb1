"""When an outbound call with an unknown outcome is repeated, and when an operator is called."""

from datetime import timedelta

MIN_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(seconds=60)
TRIES_BEFORE_OPERATOR = 8
"""Then an operator is called, and the attempts go on."""


def pause_after(tries: int, asked_for: float | None = None) -> timedelta:
    """Doubles with each try, from the shortest pause to the longest. ``tries`` counts from 0; ``asked_for``
    are the seconds that the other side wants to be left alone, which count up to the longest pause."""
    if asked_for is not None:
        return min(MAX_PAUSE, max(timedelta(), timedelta(seconds=asked_for)))
    return min(MAX_PAUSE, MIN_PAUSE * (1 << min(tries, 16)))
