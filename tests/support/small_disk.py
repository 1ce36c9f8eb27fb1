"""A disk of one's own, small enough to be filled."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILLER = "filler"
CHUNKS = (1 << 24, 1 << 20, 1 << 12)
UNMOUNTED_WITHIN = 10.0


class CannotMount(Exception):
    """Whoever runs this may not mount anything."""


@contextmanager
def small_disk(where: Path, megabytes: int) -> Iterator[Path]:
    """Mounted there until the end of the block; what lies on it is gone then."""
    where.mkdir(parents=True, exist_ok=True)
    mount = (_program("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "feira-test", str(where))
    done = subprocess.run(mount, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotMount(done.stderr.strip())
    try:
        yield where
    finally:
        _unmount(where)


def _program(name: str) -> str:
    if found := shutil.which(name):
        return found
    raise CannotMount(f"there is no {name} here")


def _unmount(where: Path) -> None:
    deadline = time.monotonic() + UNMOUNTED_WITHIN
    unmount = _program("umount")
    while subprocess.run((unmount, str(where)), check=False, capture_output=True).returncode:
        if time.monotonic() > deadline:
            subprocess.run((unmount, "--lazy", str(where)), check=True)
            return
        time.sleep(0.1)


def fill(disk: Path) -> int:
    """Take all space that is left, also what was freed since the last time; returns how much it took."""
    filler = disk / FILLER
    with filler.open("ab") as out:
        before = size = out.seek(0, os.SEEK_END)
        for chunk in CHUNKS:
            while True:
                try:
                    os.posix_fallocate(out.fileno(), size, chunk)
                except OSError:
                    break
                size += chunk
        out.truncate(size)
    return size - before


def release(disk: Path) -> None:
    (disk / FILLER).unlink(missing_ok=True)
