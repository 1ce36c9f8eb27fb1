"""Run one catcher in a copy of the tree: ``python -m tests.proofs.mutants.catcher_process NAME [RULE ...]``.

The last line of its output is JSON: which code has run, and what was found.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import orjson

from contracts.topology import SERVICES
from tests.proofs.mutants import (
    figures_catcher,
    server_catchers,
    simulation_catcher,
    statistics_catcher,
    tests_catcher,
)
from tests.proofs.mutants.findings import Findings, Report
from tests.proofs.verdict import say

ROOT = Path(__file__).parents[3]
PACKAGES = (
    *(it.module for it in SERVICES),
    *("contracts", "kernel", "pricing", "billing", "simulators", "cli", "devstack", "verify", "demo"),
)
PRINT_FILES = "import importlib, sys; print(*(importlib.import_module(it).__file__ for it in sys.argv[1:]))"


class ForeignCode(Exception):
    """Other code than the copy's would run: the result would say nothing about the mutant."""


CATCHERS: Mapping[str, Callable[[Sequence[str]], Findings]] = MappingProxyType(
    {
        tests_catcher.NAME: tests_catcher.tests,
        "figures": figures_catcher.figures,
        "simulation": simulation_catcher.simulation,
        "race": server_catchers.race,
        "verify": server_catchers.verify,
        "crash": server_catchers.crash,
        "statistics": statistics_catcher.statistics,
    }
)


def check_code() -> list[str]:
    """In this process, and in one started as the stack starts its services. Raises ``ForeignCode``."""
    here = [str(importlib.import_module(it).__file__) for it in PACKAGES]
    child = subprocess.run(
        (sys.executable, "-c", PRINT_FILES, *PACKAGES), capture_output=True, text=True, check=True
    )
    for path in {*here, *child.stdout.split()}:
        if not Path(path).resolve().is_relative_to(ROOT):
            raise ForeignCode(path)
    return here


def main() -> None:
    name, *rules = sys.argv[1:]
    code = check_code()
    began = time.monotonic()
    findings = CATCHERS[name](rules)
    report = Report(code, time.monotonic() - began, findings)
    say(orjson.dumps(report).decode())


if __name__ == "__main__":
    main()
