"""Customers buy during a storm of faults, or of kills alone: ``python -m tests.proofs.chaos [kills]``."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.proofs.chaos import rig
from tests.proofs.chaos.run import Run
from tests.proofs.verdict import Verdict, say

TWO_EACH = "offer=2,checkout-saga=2"
"""For kills. A full storm starts with one replica of each service; the plan adds and removes others."""


def main() -> int:
    only_kills = sys.argv[1:] == ["kills"]
    verdict = Verdict("crash" if only_kills else "chaos")
    folder = Path(os.environ.get("KEEP") or tempfile.mkdtemp(prefix="feira-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    stack = rig.plain if only_kills else rig.behind_proxies
    replicas = os.environ.get("FEIRA_REPLICAS", TWO_EACH if only_kills else "")
    with stack(folder / "home", replicas) as world, verdict.taking_down():
        asyncio.run(Run(world, verdict, folder).prove())
    (folder / "report.json").write_text(json.dumps(verdict.report(), indent=2, default=str))
    if not verdict.holds or os.environ.get("KEEP"):
        say(f"journal, schedule, report and logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
