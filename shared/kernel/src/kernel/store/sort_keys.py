"""Values of unique keys that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime


def time_key(moment: datetime) -> str:
    """A time as a sortable prefix of a key: the seconds since 1970, padded with zeros."""
    return f"{moment.timestamp():020.6f}"


def time_of(key: str) -> datetime:
    """The time of a key that begins with a ``time_key``; a slash ends it if more follows."""
    return datetime.fromtimestamp(float(key.partition("/")[0]), UTC)
