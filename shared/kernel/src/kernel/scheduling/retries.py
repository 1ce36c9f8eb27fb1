"""When an outbound call with an unknown outcome is repeated, and when an operator is called."""

from datetime import timedelta

MIN_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(seconds=60)
TRIES_BEFORE_OPERATOR = 8
"""Then an operator is called, and the attempts go on."""


def pause_after(tries: int) -> timedelta:
    """Doubles with each try, from the shortest pause to the longest. ``tries`` counts from 0."""
    return min(MAX_PAUSE, MIN_PAUSE * (1 << min(tries, 16)))
