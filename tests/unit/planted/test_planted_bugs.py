"""The planted bugs can be planted, and whoever catches none of them is told of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.planted import __main__ as runner
from tests.proofs.planted import catching
from tests.proofs.planted.bug import Bug, Catcher, bugs
from tests.proofs.planted.catching import NoVerdict, Trial, catch, control, look
from tests.proofs.planted.choosing import QUICK, SLOW, chosen
from tests.proofs.planted.copies import TREE, Copy, copied
from tests.proofs.planted.found import Broken, Found
from tests.proofs.planted.inside import CATCHERS
from tests.proofs.planted.table import line, summary

FEWEST = 25
BUGS = bugs()


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with copied() as it:
        yield it


@pytest.fixture
def one() -> Bug:
    return BUGS[0]


def finds(monkeypatch: pytest.MonkeyPatch, *broken: Broken) -> None:
    """Whoever looks finds this, whatever is there."""
    monkeypatch.setattr(catching, "look", lambda *_: Found("no effort", list(broken)))


@pytest.mark.parametrize("bug", BUGS, ids=lambda it: it.name)
def test_a_planted_bug_still_fits_the_code(bug: Bug) -> None:
    command = ("git", "apply", "--check", str(bug.patch))
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the code has changed; let the patch follow it: {done.stderr}"


@pytest.mark.parametrize("bug", BUGS, ids=lambda it: it.name)
def test_a_planted_bug_names_who_catches_it_by_which_rule(bug: Bug) -> None:
    assert bug.catchers
    for it in bug.catchers:
        assert it.name in CATCHERS
        assert it.rules


def test_there_are_enough_of_them_and_each_catcher_has_some() -> None:
    assert len(BUGS) >= FEWEST
    assert {it.catchers[0].name for it in BUGS} == set(CATCHERS)


def test_a_bug_counts_as_caught_only_by_the_rule_that_is_about_it(
    one: Bug, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(monkeypatch, Broken("BUG", "NameError"))
    assert not catch(one, set(CATCHERS)).is_right
    finds(monkeypatch, Broken("BUG", "NameError"), Broken(one.catchers[0].rules[0], "this one"))
    assert catch(one, set(CATCHERS)).is_right


def test_the_table_tells_of_a_bug_that_nobody_catches(one: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    finds(monkeypatch)
    missed = catch(one, set(CATCHERS))
    assert "NOBODY" in line(missed)
    assert summary([missed]).startswith("0 of 1 caught")


def test_the_table_tells_of_a_catcher_that_reports_what_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    finds(monkeypatch, Broken("M1", "everything is broken"))
    reported = control("simulation")
    assert not reported.is_right
    assert "REPORTED" in line(reported)


@pytest.mark.parametrize(
    "verdict", [Trial("a bug", trouble="nothing"), Trial("none", trouble="M1", is_control=True)]
)
def test_whatever_is_not_right_fails_the_run(verdict: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "tried", lambda _: iter([verdict]))
    monkeypatch.setattr(sys, "argv", ["planted"])
    assert runner.main() == 1


def test_a_patch_that_fits_no_more_is_told_not_passed_over(tmp_path: Path) -> None:
    patch = tmp_path / "of-yesterday.patch"
    patch.write_text(
        "It is gone; caught by simulation (M1).\n\n"
        "--- a/shared/kernel/src/kernel/ids.py\n+++ b/shared/kernel/src/kernel/ids.py\n"
        "@@ -1,1 +1,1 @@\n-nobody has written this\n+nor this\n"
    )
    missed = catch(Bug.of(patch), set(CATCHERS))
    assert not missed.is_right
    assert "of-yesterday" in missed.trouble


def test_what_runs_in_a_copy_is_its_own_code(copy: Copy) -> None:
    asked = "import kernel, cart; print(kernel.__file__, cart.__file__)"
    command = (sys.executable, "-c", asked)
    told = subprocess.check_output(command, cwd=copy.root, env=copy.environment, text=True)
    assert all(Path(it).is_relative_to(copy.root) for it in told.split())


def test_a_catcher_that_would_look_at_another_tree_comes_to_no_verdict(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = {**os.environ, "PYTHONPATH": str(copy.root)}
    monkeypatch.setattr(Copy, "environment", installed)
    with pytest.raises(NoVerdict, match="Elsewhere"):
        look(copy, Catcher("simulation", ("M1",)))


def test_a_commit_chooses_the_same_bugs_each_time_and_at_most_one_slow_one() -> None:
    choices = [chosen(BUGS, f"commit {it}", 5) for it in range(1_000)]
    assert choices == [chosen(BUGS, f"commit {it}", 5) for it in range(1_000)]
    quick_enough = {it.name for it in BUGS if it.catchers[0].name in QUICK | SLOW}
    assert {bug.name for it in choices for bug in it} == quick_enough
    for choice in choices:
        assert len(choice) == 5
        assert sum(it.catchers[0].name not in QUICK for it in choice) <= 1
