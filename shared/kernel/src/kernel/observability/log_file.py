"""Rotate the file that standard error goes to, in the process that writes it.

Renaming a file that is being written loses nothing: lines go to it until the new one is open. A process that
dies in between finds no file at its next start, and begins one. Only ``descriptor`` is replaced, so all that
writes to standard error goes to the new file, whichever part of the process it is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

STANDARD_ERROR = 2
CHECK_SECONDS = 1.0
MEGABYTE = 1_000_000
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class LogFile:
    """A file and its predecessors: ``service.log``, ``service.log.1``, the latest first. One process rotates
    it; those that it starts write on to the file that was the latest at their start."""

    def __init__(
        self,
        path: Path,
        megabytes: float,
        keep: int,
        descriptor: int = STANDARD_ERROR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``keep``: predecessors; ``descriptor``: opened for appending to the file at ``path``."""
        self._path = path
        self._max_bytes = megabytes * MEGABYTE
        self._keep = keep
        self._descriptor = descriptor
        self._clock = clock
        self._checked_at = float("-inf")

    def check(self) -> None:
        """Rotate a file that is too large; called before each line, looks once a second. Never raises: where
        the file system refuses, the lines go on to the old file."""
        now = self._clock()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        with suppress(OSError):
            if os.fstat(self._descriptor).st_size > self._max_bytes and self._is_current():
                self._shift()
            if not self._is_current():
                self._reopen()

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _shift(self) -> None:
        """The oldest first, so that a death in between leaves a gap and overwrites nothing."""
        for number in range(self._keep - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._predecessor(number).replace(self._predecessor(number + 1))
        if self._keep:
            self._path.replace(self._predecessor(1))
        else:
            self._path.unlink()

    def _predecessor(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _reopen(self) -> None:
        fresh = os.open(self._path, FLAGS, 0o600)
        try:
            os.dup2(fresh, self._descriptor)
        finally:
            os.close(fresh)
