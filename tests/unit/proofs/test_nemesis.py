"""Faults with an effect, without an effect, and not caused at all are counted separately."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.chaos import nemesis as nemesis_module
from tests.proofs.chaos.faults.world import Effect, NoEffect, World
from tests.proofs.chaos.nemesis import Nemesis
from tests.proofs.chaos.plan import Fault, Kind
from tests.proofs.verdict import Verdict
from tests.support.stack import RunningStack


@pytest.fixture
def nemesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nemesis:
    async def effect(_world: World, target: str, chance: random.Random) -> Effect:
        await asyncio.sleep(0)
        return {"bytes": 7, "seconds": chance.random()}

    async def miss(_world: World, _target: str, _chance: random.Random) -> Effect:
        raise NoEffect("no process was there")

    async def wait(_world: World, _target: str, _chance: random.Random) -> Effect:
        raise TimeoutError

    monkeypatch.setattr(
        nemesis_module, "ACTS", {Kind.PROCESS: effect, Kind.CUT: effect, Kind.RESET: miss, Kind.KAFKA: wait}
    )
    stopped = RunningStack({}, subprocess.Popen((sys.executable, "-c", "")))
    return Nemesis(World(stopped), Verdict("test", seed=7).chance, tmp_path / "nemesis.jsonl")


async def test_effects_add_up_by_kind_and_only_kills_count_as_kills(nemesis: Nemesis, tmp_path: Path) -> None:
    faults = [
        Fault(0.0, Kind.CUT, "a-b", 0),
        Fault(0.0, Kind.CUT, "a-c", 1),
        Fault(0.0, Kind.PROCESS, "a", 2),
    ]
    await nemesis.storm(faults)
    cuts = nemesis.figures()[Kind.CUT.value]
    assert cuts["times"] == 2
    assert cuts["bytes"] == 14
    assert nemesis.kills_of == {"a": 1}
    lines = [json.loads(it) for it in (tmp_path / "nemesis.jsonl").read_text().splitlines()]
    assert [it["target"] for it in lines] == ["a-b", "a-c", "a"]


async def test_a_fault_without_effect_proves_nothing_and_a_missed_fault_is_a_standstill(
    nemesis: Nemesis,
) -> None:
    faults = [
        Fault(0.0, Kind.RESET, "a-b", 0),
        Fault(0.0, Kind.KAFKA, "kafka", 1),
        Fault(0.0, Kind.CUT, "a-b", 2),
    ]
    await nemesis.storm(faults)
    verdict = Verdict("test", seed=7)
    nemesis.report(faults, verdict)
    assert verdict.figures["faults"][Kind.RESET.value] == {"without_bite": 1}
    assert verdict.figures["kills"] == 0
    unproved = [it.rpartition(": ")[2] for it in verdict.unproved]
    assert unproved == [Kind.KAFKA.value, Kind.RESET.value]
    assert len(verdict.standstills) == 1
    assert not verdict.violations
    assert verdict.end() == 1


async def test_a_fault_has_a_random_stream_of_its_own(nemesis: Nemesis, tmp_path: Path) -> None:
    await nemesis.storm([Fault(0.0, Kind.CUT, "a-b", 5)])
    again = Verdict("test", seed=7).chance("fault", 5).random()
    [line] = [json.loads(it) for it in (tmp_path / "nemesis.jsonl").read_text().splitlines()]
    assert line["bite"]["seconds"] == again


def test_a_standstill_fails_a_run_and_is_reported_separately() -> None:
    verdict = Verdict("test", seed=7)
    assert verdict.end() == 0
    verdict.expect_in_time(False, "it still waits")
    assert verdict.end() == 1
    report = verdict.report()
    assert (report["violations"], report["standstills"]) == ([], ["it still waits"])
    assert report["seed"] == 7
