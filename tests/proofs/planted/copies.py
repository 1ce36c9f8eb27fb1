"""A copy of the working tree, with a bug in it or with none; the tree itself is never touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

TREE = Path(__file__).parents[3]
PARTS = ("services", "shared", "tests", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


class DoesNotApply(Exception):
    """The code that the patch is about has changed: the patch has to follow it."""


@dataclass(frozen=True)
class Copy:
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The packages are installed from the working tree: the copy's own come before them, in each process
        that is started from here and in those that they start."""
        sources = sorted(self.root.glob("*/*/src"))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (self.root, *sources)))}

    def plant(self, patch: Path) -> None:
        command = ("git", "apply", str(patch))
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DoesNotApply(f"{patch.name}: {done.stderr.strip()}")


@contextmanager
def copied() -> Iterator[Copy]:
    with TemporaryDirectory(prefix="feira-planted-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        for part in PARTS:
            if (TREE / part).is_dir():
                shutil.copytree(TREE / part, root / part, ignore=LEFT_OUT)
            else:
                shutil.copy(TREE / part, root / part)
        yield Copy(root)
