"""The release before this tree, from the repository's own history."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "deploy/releases.toml"


@dataclass(frozen=True)
class Release:
    version: str
    commit: str

    def is_there(self) -> bool:
        """Whether the repository has its commit, which a shallow clone has not. Raises ``AssertionError`` if
        it has not where CI=true."""
        command = ("git", "cat-file", "-e", f"{self.commit}^{{commit}}")
        found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True).returncode == 0
        if not found and os.environ.get("CI") == "true":
            raise AssertionError(f"the commit {self.commit} of release {self.version} is not in this clone")
        return found

    def extract(self, folder: Path, *paths: str) -> Path:
        """Its files, or those under ``paths``, in the folder."""
        command = ("git", "archive", self.commit, *paths)
        archive = subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        return folder

    def files(self, pattern: str) -> set[str]:
        """The paths of its files that match, as ``git ls-tree`` names them."""
        command = ("git", "ls-tree", "-r", "--name-only", self.commit)
        found = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
        return {it for it in found.splitlines() if Path(it).match(pattern)}


def before_this() -> Release:
    """The last release that is listed."""
    listed = tomllib.loads(RELEASES.read_text())["release"]
    return Release(**listed[-1])
