"""How long to wait before asking again for what has not been answered."""

from datetime import timedelta

MIN_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(seconds=60)


def pause_after(tries: int) -> timedelta:
    """Twice as long each time: 1 s, 2 s, 4 s, … at most a minute. ``tries`` counts from 0."""
    return min(MAX_PAUSE, MIN_PAUSE * (1 << min(tries, 16)))
