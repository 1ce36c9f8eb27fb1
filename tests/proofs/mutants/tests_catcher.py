"""Tests as a catcher: for rules of single use cases, which no run of the whole shop plays."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.mutants.findings import Findings, Violation
from tests.proofs.mutants.mutant import mutants

NAME = "tests"
UNIT_TESTS = Path(__file__).parents[2] / "unit"


class NoTest(Exception):
    """A rule names no test that can be run."""


class Failures:
    """A plugin of pytest that collects the tests whose assertions do not hold. Other errors do not count: the
    changed code may not run at all."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.passed = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, (AssertionError, pytest.fail.Exception)):
            test, _, _ = item.nodeid.rpartition("/")[2].partition("[")
            path = item.path.relative_to(UNIT_TESTS).parent
            self.violations.append(Violation(f"{path}/{test}", str(error).partition("\n")[0]))
        elif call.when == "call" and error is None:
            self.passed += 1
        report = yield
        return report


def tests(rules: Sequence[str]) -> Findings:
    """A rule is a unit test, as pytest names it below ``tests/unit``. Without ``rules`` it runs those of all
    mutants. Raises ``NoTest``."""
    named = rules or sorted(
        {rule for mutant in mutants() for it in mutant.catchers if it.name == NAME for rule in it.rules}
    )
    failures = Failures()
    ended = pytest.main(
        ["-q", "-n", "0", "-p", "no:cacheprovider", *(str(UNIT_TESTS / rule) for rule in named)],
        plugins=[failures],
    )
    if ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise NoTest(f"pytest ended with {ended!r}")
    return Findings(f"{failures.passed + len(failures.violations)} tests", failures.violations)
