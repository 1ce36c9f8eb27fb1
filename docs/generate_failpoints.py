"""Write docs/failpoints.md from the list of them."""

from __future__ import annotations

import sys
from pathlib import Path

from kernel.faults.failpoint import Failpoint
from kernel.faults.registry import all_failpoints

TARGET = Path(__file__).parent / "failpoints.md"
HEAD = """# Failpoints

Made by `make messages` from the kernel's list and those of the services (`FAILPOINTS`): do not edit.
[How to use them](how-to/use-failpoints.md).

| Place | The moment at which | Actions | By kinds |
|---|---|---|---|
"""


def row(it: Failpoint) -> str:
    kinds = "yes" if it.has_kinds else ""
    return f"| `{it.name}` | {it.moment} | {', '.join(sorted(it.actions))} | {kinds} |\n"


def page() -> str:
    return HEAD + "".join(row(it) for it in all_failpoints().values())


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(TARGET.read_text() != page())
    TARGET.write_text(page())
