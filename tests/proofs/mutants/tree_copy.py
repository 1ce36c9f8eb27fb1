"""A copy of the working tree, to which a mutant can be applied; the tree itself is never changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.proofs.mutants.mutant import Mutant

TREE = Path(__file__).parents[3]
PARTS = ("services", "shared", "tests", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True)
class TreeCopy:
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The packages are installed from the working tree: the copy's own come before them, in each process
        that is started from here and in those that they start."""
        sources = sorted(self.root.glob("*/*/src"))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (self.root, *sources)))}

    def apply(self, mutant: Mutant) -> list[Path]:
        """Returns the files changed; raises ``DoesNotApply``."""
        return list(mutant.apply(self.root))


@contextmanager
def tree_copy() -> Iterator[TreeCopy]:
    with TemporaryDirectory(prefix="feira-mutant-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        for part in PARTS:
            if (TREE / part).is_dir():
                shutil.copytree(TREE / part, root / part, ignore=LEFT_OUT)
            else:
                shutil.copy(TREE / part, root / part)
        yield TreeCopy(root)
