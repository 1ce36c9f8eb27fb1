"""Write docs/failpoints.md from the list of them."""

from __future__ import annotations

import sys
from pathlib import Path

from kernel.faults.registry import FAILPOINTS, Failpoint

TARGET = Path(__file__).parent / "failpoints.md"
HEAD = """# Failpoints

Made by `make messages` from `shared/kernel/src/kernel/faults/registry.py`: do not edit.
[How to use them](how-to/use-failpoints.md).

| Place | The moment at which | Actions | By kinds |
|---|---|---|---|
"""


def row(it: Failpoint) -> str:
    kinds = "yes" if it.has_kinds else ""
    return f"| `{it.name}` | {it.moment} | {', '.join(sorted(it.actions))} | {kinds} |\n"


def page() -> str:
    return HEAD + "".join(row(it) for it in FAILPOINTS)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(TARGET.read_text() != page())
    TARGET.write_text(page())
