"""The modules of the services: those of domains and use cases, and those further out."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
INNER_NAMES = frozenset({"domain", "use_cases"})
"""Packages or modules of these names hold domains and use cases."""


def is_inner(path: Path) -> bool:
    return not INNER_NAMES.isdisjoint((*path.parent.parts, path.stem))


MODULES = sorted(ROOT.glob("services/*/src/**/*.py"))
INNER = [it for it in MODULES if is_inner(it)]
OUTER = [it for it in MODULES if not is_inner(it)]
