"""How an outbound call has ended."""

from __future__ import annotations

from enum import StrEnum


class CallResult(StrEnum):
    """The values are those of the label ``outcome`` of the metrics of calls."""

    DONE = "done"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    """An error at once, such as a refused connection, or an answer that says nothing."""
    TIMEOUT = "timeout"
    """No answer came in time."""
