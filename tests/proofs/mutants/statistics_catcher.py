"""The tests of statistical models as a catcher: they compare with published figures, and plant late
knowledge."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence

from tests.proofs.mutants.findings import Findings, Violation

FOLDERS = ("tests/unit/projections/statistics", "tests/unit/projections/model_runs")
OPTIONS = ("-q", "-p", "no:cacheprovider", "-n", "0", "--tb=no")
FAILED = re.compile(r"^FAILED \S+/(\w+)\.py::(\S+)", re.MULTILINE)
ALL_PASS, SOME_FAIL = 0, 1


def statistics(_rules: Sequence[str]) -> Findings:
    """Its rules: the names of test modules."""
    done = subprocess.run(
        (sys.executable, "-m", "pytest", *OPTIONS, *FOLDERS), capture_output=True, text=True, check=False
    )
    if done.returncode not in (ALL_PASS, SOME_FAIL):
        raise RuntimeError(done.stdout + done.stderr)
    return Findings("the tests", [Violation(module, test) for module, test in FAILED.findall(done.stdout)])
