"""Failpoints do what their rules say, as often as they say, and nothing where nobody has asked for it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kernel.faults import failpoints
from kernel.faults.registry import BY_NAME, FAILPOINTS, Action
from kernel.faults.rules import parse_rules

COMMIT = "append.after_commit"
READ = "relay.after_read"
PASSES = """
import asyncio, sys
from kernel.faults import failpoints
failpoints.enable(sys.argv[1])
for _ in range(3):
    asyncio.run(failpoints.hit("relay.after_read"))
    print("passed", flush=True)
"""


@pytest.fixture(autouse=True)
def _off_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "active", None)


async def passed(place: str, times: int, kind: str = "") -> list[bool]:
    """Of each pass, whether it raised."""
    raised = []
    for _ in range(times):
        try:
            await failpoints.hit(place, kind)
            raised.append(False)
        except (failpoints.InjectedFailure, TimeoutError):
            raised.append(True)
    return raised


async def test_nothing_is_done_where_nobody_has_asked_for_it() -> None:
    assert failpoints.active is None
    assert await passed(READ, 1) == [False]

    failpoints.enable("")

    assert failpoints.active is None


@pytest.mark.parametrize(
    ("when", "raised"),
    [
        ("", [True, False, False, False]),
        ("@once", [True, False, False, False]),
        ("@twice", [True, True, False, False]),
        ("@3", [False, False, True, False]),
        ("@p1", [True, True, True, True]),
    ],
)
async def test_a_rule_says_how_often(when: str, raised: list[bool]) -> None:
    failpoints.enable(f"{READ}=raise{when}")

    assert await passed(READ, 4) == raised


async def test_the_same_seed_makes_the_same_choices() -> None:
    found = []
    for seed in (7, 7, 8):
        failpoints.enable(f"{READ}=raise@p0.5,seed={seed}")
        found.append(await passed(READ, 50))

    assert found[0] == found[1] != found[2]
    assert 10 < sum(found[0]) < 40


async def test_only_the_place_and_the_kind_that_are_named_are_meant() -> None:
    failpoints.enable("call.after_intent/capture=raise; relay.after_send=exec_then_timeout@once")

    assert await passed("call.after_intent", 1, "authorize") == [False]
    assert await passed("call.after_intent", 1, "capture") == [True]
    assert await passed(READ, 1) == [False]
    with pytest.raises(TimeoutError, match=r"relay\.after_send"):
        await failpoints.hit("relay.after_send")


async def test_a_delay_delays_and_goes_on() -> None:
    failpoints.enable(f"{COMMIT}=delay:0.05")
    began = time.monotonic()

    assert await failpoints.hit(COMMIT)
    assert time.monotonic() - began >= 0.05
    assert not await failpoints.hit(COMMIT)


async def test_passes_are_counted_also_where_no_rule_fits() -> None:
    failpoints.enable(f"{COMMIT}=kill@9")
    await passed(READ, 2)

    assert failpoints.active is not None
    assert failpoints.active.reached == {READ: 2}


@pytest.mark.parametrize(
    "nonsense",
    [
        "relay.after_sand=kill",
        "relay.after_send",
        "relay.after_send=explode",
        "append.after_commit=raise",
        "relay.after_send=kill@0",
        "relay.after_send=kill@p0",
        "relay.after_send=kill@p1.5",
        "relay.after_send=kill:3",
        "relay.after_send=delay",
        "relay.after_send=delay:0",
        "relay.after_send=stop:601",
        "relay.after_send/offer=kill",
        "relay.after_send=kill@thrice",
        "relay.after_send=kill,relay.after_read=kill",
    ],
)
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"relay|raise"):
        parse_rules(nonsense)


def test_every_place_can_be_named_with_each_of_its_actions() -> None:
    for place in FAILPOINTS:
        assert Action.KILL in place.actions
        for action in place.actions:
            seconds = ":1" if action in {Action.STOP, Action.DELAY} else ""
            (rule,) = parse_rules(f"{place.name}={action}{seconds}@twice")
            assert (rule.failpoint, rule.action, rule.times) == (place.name, action, 2)
    assert len(BY_NAME) == len(FAILPOINTS)


async def test_rules_in_a_file_are_looked_at_again_and_counted_beside_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text(f"{READ}=raise@twice\n")
    failpoints.enable(f"@{rules}")

    assert await passed(READ, 1) == [True]
    failpoints.enable(f"@{rules}")  # as by another process, or after a death
    assert await passed(READ, 2) == [True, False]

    again = tmp_path / "again"
    again.write_text(f"{READ}=raise@once")
    again.replace(rules)
    assert await passed(READ, 2) == [True, False]
    told = [json.loads(line) for line in (tmp_path / "rules.fired").read_text().splitlines()]
    assert [(it["place"], it["action"], it["hit"]) for it in told] == [
        (READ, "raise", 1),
        (READ, "raise", 1),
        (READ, "raise", 1),
    ]


def test_a_file_that_is_not_there_or_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        failpoints.enable(f"@{tmp_path / 'none'}")
    (tmp_path / "odd").write_text("kill everybody")
    with pytest.raises(ValueError, match="kill everybody"):
        failpoints.enable(f"@{tmp_path / 'odd'}")


def test_a_kill_leaves_no_chance_to_anybody() -> None:
    done = subprocess.run(
        (sys.executable, "-c", PASSES, f"{READ}=kill@2"), capture_output=True, text=True, check=False
    )

    assert done.returncode == -signal.SIGKILL
    assert done.stdout.count("passed") == 1
    told = done.stdout.splitlines()[-1]
    assert "action=kill hit=2" in told
    assert "place=relay.after_read" in told


def test_a_process_that_is_stopped_goes_on_after_its_time() -> None:
    began = time.monotonic()
    with subprocess.Popen(
        (sys.executable, "-c", PASSES, f"{READ}=stop:1"), stdout=subprocess.PIPE, text=True
    ) as child:
        seen = psutil.Process(child.pid)
        while child.poll() is None and seen.status() != psutil.STATUS_STOPPED:
            assert time.monotonic() - began < 30
        assert child.poll() is None
        out, _ = child.communicate(timeout=30)

    assert child.returncode == 0
    assert out.count("passed") == 3
    assert time.monotonic() - began >= 1
