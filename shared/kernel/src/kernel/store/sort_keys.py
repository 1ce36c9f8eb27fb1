"""Values of unique keys that sort by time."""

from __future__ import annotations

from datetime import datetime


def time_key(moment: datetime) -> str:
    """A time as a sortable prefix of a key: the seconds since 1970, padded with zeros."""
    return f"{moment.timestamp():020.6f}"
