"""When a line that was not handed over is tried again."""

from __future__ import annotations

from datetime import timedelta

PAUSES = (
    *(timedelta(seconds=it) for it in (1, 2, 4)),
    *(timedelta(minutes=it) for it in (1, 5, 30)),
    *(timedelta(hours=it) for it in (2, 12)),
)
"""After the first try, the second, and so on: the first four are made within 7 seconds."""


def pause_after(tries: int) -> timedelta | None:
    """Until the next try. None: that was the last one."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
