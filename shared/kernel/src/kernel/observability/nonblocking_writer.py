"""Writer for log files: a full disk makes no caller fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO


class NonBlockingWriter:
    """Takes whole lines. A line that cannot be written is dropped and counted; earlier lines in the buffer
    are written as soon as there is space."""

    failures = 0
    """Of all writers in this process, for the metrics."""

    def __init__(self, out: IO[bytes], before: Callable[[], None] = lambda: None) -> None:
        """``before``: called before each line."""
        self._out = out
        self._before = before

    def write(self, line: bytes) -> None:
        self._before()
        try:
            self._out.write(line)
        except (OSError, ValueError):  # no space, or closed
            NonBlockingWriter.failures += 1

    def flush(self) -> None:
        try:
            self._out.flush()
        except (OSError, ValueError):
            NonBlockingWriter.failures += 1
