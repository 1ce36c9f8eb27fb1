"""One catcher at work in a copy: ``python -m tests.proofs.planted.inside NAME [RULE ...]``.

The last line that it prints says, in JSON, whose code has run and what was found.
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
from tests.proofs.planted import hunting, servers
from tests.proofs.planted.found import Found, Report
from tests.proofs.verdict import say

ROOT = Path(__file__).parents[3]
PACKAGES = (
    *(it.module for it in SERVICES),
    *("contracts", "kernel", "pricing", "simulators", "cli"),
)
ASK = "import importlib, sys; print(*(importlib.import_module(it).__file__ for it in sys.argv[1:]))"


class Elsewhere(Exception):
    """What runs here is not the copy's code: whatever came of it would say nothing about the bug."""


CATCHERS: Mapping[str, Callable[[Sequence[str]], Found]] = MappingProxyType(
    {
        "simulation": hunting.simulation,
        "race": servers.race,
        "verify": servers.verify,
        "crash": servers.crash,
    }
)


def check_code() -> list[str]:
    """Here, and in any process that is started from here as the stack starts its services."""
    here = [str(importlib.import_module(it).__file__) for it in PACKAGES]
    child = subprocess.run((sys.executable, "-c", ASK, *PACKAGES), capture_output=True, text=True, check=True)
    for it in {*here, *child.stdout.split()}:
        if not Path(it).resolve().is_relative_to(ROOT):
            raise Elsewhere(it)
    return here


def main() -> None:
    name, *rules = sys.argv[1:]
    code = check_code()
    began = time.monotonic()
    found = CATCHERS[name](rules)
    report = Report(code, time.monotonic() - began, found)
    say(orjson.dumps(report).decode())


if __name__ == "__main__":
    main()
