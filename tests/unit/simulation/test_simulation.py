"""The simulation itself: the same for the same seed, whole in its wiring, and short enough to be read."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.simulation import __main__ as command
from tests.proofs.simulation import regressions, schedules
from tests.proofs.simulation.drawing import drawn
from tests.proofs.simulation.many import seeds
from tests.proofs.simulation.outcome import outcome, outcomes
from tests.proofs.simulation.shrinking import shrunk
from tests.proofs.simulation.trace import report
from tests.proofs.simulation.workload import Workload
from tests.support.layers import INNER, ROOT
from tests.unit.simulation import bugs

LEFT_TO_CHANCE = {"random", "secrets", "time", "uuid4", "uuid1", "uuid7", "now", "utcnow", "today"}


def in_a_process_of_its_own(hash_seed: str, seed: int) -> str:
    program = (
        "from tests.proofs.simulation.outcome import outcome, make_quiet\n"
        "from tests.proofs.simulation.drawing import drawn\n"
        f"make_quiet(); print(outcome(drawn({seed})).trace)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_a_seed_gives_the_same_trace_in_any_process() -> None:
    seed = 7
    here = outcome(drawn(seed)).trace
    assert here
    assert {in_a_process_of_its_own("1", seed), in_a_process_of_its_own("4242", seed)} == {here}


def test_different_seeds_give_different_traces() -> None:
    assert len({outcome(drawn(seed)).trace for seed in range(1, 6)}) == 5


def test_the_faults_that_happened_reproduce_the_run() -> None:
    first = next(it for seed in range(1, 50) if len((it := outcome(drawn(seed))).faults) > 1)
    again = outcome(first.workload, first.faults)
    assert again.trace == first.trace


def test_a_workload_survives_json() -> None:
    workload = drawn(11)
    assert Workload.from_json(workload.as_json()) == workload


def test_seeds_hold_on_any_number_of_workers() -> None:
    alone, shared = seeds(1, 24, workers=1), seeds(1, 24, workers=2)
    assert alone.failures == 0
    assert alone.trace == shared.trace
    assert alone.counts == shared.counts
    assert alone.counts["completed"] > 8
    assert alone.counts["failed"] > 8


def test_schedules_with_one_fault_hold() -> None:
    """Every fourth of one journey; `make simulate SCHEDULES=one` plays all of all journeys."""
    plans = list(schedules.with_one("capture refused"))
    assert len(plans) > 100
    piece = schedules.play_part(schedules.Part("capture refused", tuple(plans[::4])))
    assert [(it.faults, it.violations) for it in piece.failed] == []


def test_each_journey_ends_as_its_name_says() -> None:
    ends = {it: dict(outcome(workload, {}).counts) for it, workload in schedules.JOURNEYS.items()}
    both = {"completed": 1, "failed": 1}
    shared = {"one left for two", "one use for two", "one cart twice"}
    lost = {
        *("declined", "action never taken", "capture refused", "cancelled", "price changed"),
        *("cancelled while asking for money", "counted to nothing", "an offer given back"),
        *("pix paid and cancelled", "pix declined at the bank", "declined in a review"),
        *("declined in a review, and the void refused", "said to be released, and not"),
    }
    assert {it for it, end in ends.items() if end == both} == shared
    assert {it for it, end in ends.items() if end == {"failed": 1}} == lost
    assert {it for it, end in ends.items() if end == {"completed": 1}} == ends.keys() - shared - lost


def test_a_failure_is_shrunk_reported_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bugs.an_authorization_is_never_let_go(monkeypatch)
    found = next(it for it in outcomes([(drawn(seed), None) for seed in range(1, 30)]) if "M4" in it.rules)
    case = shrunk(found)
    assert len(case.workload.purchases) == 1
    assert len(case.faults) <= len(found.faults)
    again = outcome(case.workload, case.faults, telling=True)
    assert "M4" in again.rules
    lines = list(report(again))
    assert any("checkout.failed" in line for line in lines)
    assert lines[-1].startswith("BROKEN M")
    path = regressions.keep(case, again.rules, tmp_path)
    assert regressions.read(path).case == case
    assert regressions.all_kept(tmp_path) == [path]


def test_the_command_fails_and_prints_the_trace_of_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bugs.an_authorization_is_never_let_go(monkeypatch)
    monkeypatch.setattr(regressions, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "MAX_SHRUNK", 1)
    for name, value in {"SEEDS": "15", "FROM": "2", "SCHEDULES": "", "SAGA": ""}.items():
        monkeypatch.setenv(name, value)
    assert command.main() == 1
    written = capsys.readouterr().out.splitlines()
    assert any(line.startswith("BROKEN M4") for line in written)
    assert written[-1].startswith("trace ")
    assert len(regressions.all_kept(tmp_path)) == 1


@pytest.mark.parametrize("path", regressions.all_kept(), ids=lambda it: it.stem)
def test_a_regression_case_holds(path: Path) -> None:
    case, *_ = regressions.read(path)
    assert outcome(case.workload, case.faults).violations == []


@pytest.mark.parametrize("path", regressions.all_kept(), ids=lambda it: it.stem)
def test_a_regression_case_fails_with_its_bug(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, rules, bug = regressions.read(path)
    if bug:
        getattr(bugs, bug)(monkeypatch)
        assert outcome(case.workload, case.faults).rules & set(rules)


@pytest.mark.parametrize("path", INNER, ids=lambda it: str(it.relative_to(ROOT)))
def test_services_use_no_other_clock_or_random_source(path: Path) -> None:
    """Ids come from ``kernel.ids`` and times from the caller: the simulation replaces both."""
    for it in ast.walk(ast.parse(path.read_text())):
        if isinstance(it, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in it.names} | {getattr(it, "module", None)}
            assert not names & (LEFT_TO_CHANCE - {"now", "today"})
        if isinstance(it, ast.Call) and isinstance(it.func, ast.Attribute):
            assert it.func.attr not in LEFT_TO_CHANCE
