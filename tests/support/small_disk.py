"""A small disk in memory that tests can fill."""

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
    """The user may not mount a disk."""


@contextmanager
def small_disk(where: Path, megabytes: int) -> Iterator[Path]:
    """A disk mounted at ``where`` until the end of the block; its files are lost then."""
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
    """Take all free space, also what was freed since the last call. Returns the bytes taken."""
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
