"""Regression cases: shrunk failures, each a file that the tests replay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.proofs.simulation.shrinking import Case
from tests.proofs.simulation.workload import Workload

FOLDER = Path(__file__).parent / "kept"


class Regression(NamedTuple):
    case: Case
    rules: list[str]
    """The rules it broke when it was found."""
    bug: str
    """The bug of ``tests/unit/simulation/bugs.py`` that it shows, if any."""


def keep(case: Case, rules: Iterable[str], folder: Path | None = None, bug: str = "") -> Path:
    """Write the case into a file named by rules, seed and content; return its path."""
    broken = sorted(rules)
    content = {"rules": broken, "bug": bug, "scene": case.workload.as_json(), "faults": dict(case.faults)}
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:6]
    path = (folder or FOLDER) / f"{'-'.join(broken)}-{case.workload.seed}-{digest}.json"
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path


def read(path: Path) -> Regression:
    content = json.loads(path.read_text())
    case = Case(Workload.from_json(content["scene"]), content["faults"])
    return Regression(case, content["rules"], content["bug"])


def all_kept(folder: Path = FOLDER) -> list[Path]:
    return sorted(folder.glob("*.json"))
