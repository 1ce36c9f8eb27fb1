"""Rotate the log of a program that cannot open another file itself: its output goes to a descriptor that it
got at its start. A service rotates its own (``FEIRA_LOG_FILE``)."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 20_000_000
KEEP = 5
"""Predecessors: ``postgres.log.1``, the latest first."""


def rotate(path: Path, max_bytes: int) -> None:
    """Copy a log that is larger and empty it; the program, which appends, writes on at its begin.

    What is written between the last read and the truncation is lost: microseconds. A death in between leaves
    the lines twice. Where the file system refuses, the log grows on: a full disk takes no copy.
    """
    with suppress(OSError):
        if path.stat().st_size > max_bytes:
            _copy_and_empty(path)


def _copy_and_empty(path: Path) -> None:
    fresh = _predecessor(path, 0)
    with path.open("rb") as source, fresh.open("wb") as target:
        shutil.copyfileobj(source, target)
        for number in range(KEEP - 1, -1, -1):
            with suppress(FileNotFoundError):
                _predecessor(path, number).replace(_predecessor(path, number + 1))
        shutil.copyfileobj(source, target)  # what has been written meanwhile
        os.truncate(path, 0)


def _predecessor(path: Path, number: int) -> Path:
    """0: the one that is being copied."""
    return path.with_name(f"{path.name}.{number}")
