"""Failures that were found once, shrunk: each a file, and played again by the tests for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.proofs.simulation.scene import Scene
from tests.proofs.simulation.shrinking import Case

FOLDER = Path(__file__).parent / "kept"


class Regression(NamedTuple):
    case: Case
    rules: list[str]
    """Those that it broke when it was found."""
    bug: str
    """The mutant that it shows, if it was found with one."""


def keep(case: Case, rules: Iterable[str], folder: Path | None = None, bug: str = "") -> Path:
    """Schedules of plain journeys all have one seed: a name of its own each has by what it holds."""
    broken = sorted(rules)
    told = {"rules": broken, "bug": bug, "scene": case.scene.as_json(), "faults": dict(case.faults)}
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:6]
    path = (folder or FOLDER) / f"{'-'.join(broken)}-{case.scene.seed}-{digest}.json"
    path.write_text(json.dumps(told, indent=2) + "\n")
    return path


def read(path: Path) -> Regression:
    told = json.loads(path.read_text())
    return Regression(Case(Scene.from_json(told["scene"]), told["faults"]), told["rules"], told["bug"])


def all_kept(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob("*.json"))
