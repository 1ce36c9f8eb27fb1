"""Each mutant applies to the code as it is, and one that no catcher finds is reported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.proofs.mutants import __main__ as runner
from tests.proofs.mutants import trial
from tests.proofs.mutants.catcher_process import CATCHERS
from tests.proofs.mutants.findings import Findings, Violation
from tests.proofs.mutants.mutant import Catcher, Change, DoesNotApply, Mutant, mutants
from tests.proofs.mutants.selection import QUICK, SLOW, selected
from tests.proofs.mutants.table import line, summary
from tests.proofs.mutants.tests_catcher import NAME, UNIT_TESTS, Failures
from tests.proofs.mutants.tree_copy import TREE, TreeCopy, tree_copy
from tests.proofs.mutants.trial import NoVerdict, Trial, run_catcher, try_mutant, try_unchanged

MIN_MUTANTS = 25
MUTANTS = mutants()
TESTS = sorted({rule for it in MUTANTS for by in it.catchers if by.name == NAME for rule in by.rules})
CODE = """\
class Cart:
    def close(self):
        if self.open:
            self.count(
                "closed", 1
            )
        return True
"""


@pytest.fixture(scope="module")
def copy() -> Iterator[TreeCopy]:
    with tree_copy() as made:
        yield made


@pytest.fixture
def mutant() -> Mutant:
    return MUTANTS[0]


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "services" / "shop" / "src" / "shop" / "cart.py"
    path.parent.mkdir(parents=True)
    path.write_text(CODE)
    return path


def finds(monkeypatch: pytest.MonkeyPatch, *violations: Violation) -> None:
    """Each catcher finds these, in any code."""
    monkeypatch.setattr(trial, "run_catcher", lambda *_: Findings("no effort", list(violations)))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: it.name)
def test_a_mutant_applies_to_the_code_as_it_is_and_the_changed_code_compiles(
    mutant: Mutant, copy: TreeCopy
) -> None:
    changed = copy.apply(mutant)
    try:
        assert changed
        for path in changed:
            original = TREE / path.relative_to(copy.root)
            assert path.read_text() != original.read_text()
            if path.suffix == ".py":
                compile(path.read_text(), path, "exec")
    finally:
        for path in changed:
            shutil.copy(TREE / path.relative_to(copy.root), path)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: it.name)
def test_a_mutant_names_its_catchers_with_the_rules_by_which_they_find_it(mutant: Mutant) -> None:
    assert mutant.catchers
    for catcher in mutant.catchers:
        assert catcher.name in CATCHERS
        assert catcher.rules


@pytest.mark.parametrize("rule", TESTS)
def test_a_test_that_a_mutant_names_exists(rule: str) -> None:
    file, _, test = rule.partition("::")
    assert f"def {test}(" in (UNIT_TESTS / file).read_text()


def test_a_named_test_counts_as_failed_by_an_assertion_and_not_by_another_error() -> None:
    found = Failures()
    for error in (AssertionError("3 instead of 2"), NameError("order")):
        call = pytest.CallInfo.from_call(partial(_raise, error), when="call")
        item = SimpleNamespace(
            nodeid="tests/unit/cart/test_cart.py::test_it[1]", path=UNIT_TESTS / "cart/test_cart.py"
        )
        next(found.pytest_runtest_makereport(item, call))  # type: ignore[arg-type]  # as much as it reads

    assert found.violations == [Violation("cart/test_cart.py::test_it", "3 instead of 2")]


def _raise(error: Exception) -> None:
    raise error


def test_there_are_enough_mutants_and_each_catcher_has_some() -> None:
    assert len(MUTANTS) >= MIN_MUTANTS
    assert {it.catchers[0].name for it in MUTANTS} == set(CATCHERS)


def test_a_change_is_found_in_any_file_of_its_package_however_its_lines_are_wrapped(module: Path) -> None:
    moved = module.rename(module.with_name("moved.py"))
    Change("shop", 'self.count( "closed", 1 )', "self.count(\n    2\n)").apply(module.parents[4])
    expected = CODE.replace('"closed", 1', "2")
    assert moved.read_text() == expected


def test_a_change_without_new_text_deletes_the_lines(module: Path) -> None:
    Change("shop", 'if self.open:\n    self.count(\n        "closed", 1\n    )', "").apply(module.parents[4])
    assert module.read_text() == "class Cart:\n    def close(self):\n        return True\n"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (Change("shop", "if self.closed:", "if True:"), 0),
        (Change("shop", "self.", "cls."), 2),
        (Change("shop", "self.op", "cls.op"), 0),
        (Change("other", "if self.open:", "if True:"), 0),
        (Change("shop", "if self.open:", "if True:", count=2), 1),
    ],
)
def test_a_change_that_is_not_found_exactly_as_often_as_stated_is_refused(
    module: Path, change: Change, found: int
) -> None:
    with pytest.raises(DoesNotApply, match=f"expected {change.count} times, found {found} times"):
        change.apply(module.parents[4])
    assert module.read_text() == CODE


def test_a_mutant_counts_as_caught_only_by_a_rule_that_is_about_it(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, Violation("BUG", "NameError"))
    assert not try_mutant(mutant, set(CATCHERS)).is_right
    finds(monkeypatch, Violation("BUG", "NameError"), Violation(mutant.catchers[0].rules[0], "this one"))
    assert try_mutant(mutant, set(CATCHERS)).is_right


def test_the_table_shows_a_mutant_that_is_not_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    finds(monkeypatch)
    missed = try_mutant(mutant, set(CATCHERS))
    assert "NOBODY" in line(missed)
    assert summary([missed]).startswith("0 of 1 caught")


def test_the_table_shows_a_catcher_that_reports_the_unchanged_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    finds(monkeypatch, Violation("M1", "everything is broken"))
    reported = try_unchanged("simulation")
    assert not reported.is_right
    assert "REPORTED" in line(reported)


@pytest.mark.parametrize(
    "result", [Trial("a mutant", trouble="nothing"), Trial("none", trouble="M1", is_control=True)]
)
def test_a_missed_mutant_or_a_reported_control_fails_the_run(
    result: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "trials", lambda _: iter([result]))
    monkeypatch.setattr(sys, "argv", ["mutants"])
    assert runner.main() == 1


def test_a_mutant_that_does_not_apply_is_reported_as_not_caught() -> None:
    change = Change("kernel", "this text does not exist", "nor this")
    missed = try_mutant(
        Mutant("outdated", "It is gone.", (Catcher("simulation", ("M1",)),), (change,)), set(CATCHERS)
    )
    assert not missed.is_right
    assert "outdated" in missed.trouble


def test_a_file_without_the_form_of_a_mutant_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('what = "It is wrong."\n[catchers]\nsimulation = ["M1"]\n[[changes]]\nfile = "a.py"\n')
    with pytest.raises(ValueError, match=r"broken\.toml is no mutant"):
        Mutant.load(path)


def test_processes_that_start_in_a_copy_run_the_code_of_the_copy(copy: TreeCopy) -> None:
    code = "import kernel, cart; print(kernel.__file__, cart.__file__)"
    command = (sys.executable, "-c", code)
    files = subprocess.check_output(command, cwd=copy.root, env=copy.environment, text=True)
    assert all(Path(it).is_relative_to(copy.root) for it in files.split())


def test_a_catcher_that_would_run_another_tree_comes_to_no_verdict(
    copy: TreeCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {**os.environ, "PYTHONPATH": str(copy.root)}
    monkeypatch.setattr(TreeCopy, "environment", installed)
    with pytest.raises(NoVerdict, match="ForeignCode"):
        run_catcher(copy, Catcher("simulation", ("M1",)))


def test_a_commit_selects_the_same_mutants_each_time_and_at_most_one_slow_one() -> None:
    selections = [selected(MUTANTS, f"commit {it}", 5) for it in range(1_000)]
    assert selections == [selected(MUTANTS, f"commit {it}", 5) for it in range(1_000)]
    quick_enough = {it.name for it in MUTANTS if it.catchers[0].name in QUICK | SLOW}
    assert {mutant.name for selection in selections for mutant in selection} == quick_enough
    for selection in selections:
        assert len(selection) == 5
        assert sum(it.catchers[0].name not in QUICK for it in selection) <= 1
