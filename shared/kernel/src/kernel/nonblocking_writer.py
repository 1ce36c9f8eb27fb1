"""The file that a log is written to, which may be on a disk without space: no caller fails for that."""

from __future__ import annotations

from typing import IO


class NonBlockingWriter:
    """Takes whole lines. One that cannot be written is dropped and counted; what the buffer beneath still
    holds of earlier ones is written as soon as there is space."""

    failures = 0
    """Of all in this process, for the metrics."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, line: bytes) -> None:
        try:
            self._out.write(line)
        except (OSError, ValueError):  # without space, or closed
            NonBlockingWriter.failures += 1

    def flush(self) -> None:
        try:
            self._out.flush()
        except (OSError, ValueError):
            NonBlockingWriter.failures += 1
