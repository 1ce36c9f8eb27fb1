"""Failpoints act by their rules, as often as the rules say, and never without a rule."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from checkout_saga.failpoints import FAILPOINTS as CHECKOUT_SAGA
from kernel.faults import failpoints, registry
from kernel.faults.failpoint import ANY, Action, Failpoint
from kernel.faults.kernel_failpoints import FAILPOINTS
from kernel.faults.registry import all_failpoints
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


async def hits(failpoint: str, times: int, kind: str = "") -> list[bool]:
    """For each hit, whether it raised."""
    raised = []
    for _ in range(times):
        try:
            await failpoints.hit(failpoint, kind)
            raised.append(False)
        except (failpoints.InjectedFailure, TimeoutError):
            raised.append(True)
    return raised


async def test_without_rules_failpoints_are_off() -> None:
    assert failpoints.active is None
    assert await hits(READ, 1) == [False]

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
async def test_a_rule_acts_at_the_hits_that_it_names(when: str, raised: list[bool]) -> None:
    failpoints.enable(f"{READ}=raise{when}")

    assert await hits(READ, 4) == raised


async def test_the_same_seed_makes_the_same_choices() -> None:
    found = []
    for seed in (7, 7, 8):
        failpoints.enable(f"{READ}=raise@p0.5,seed={seed}")
        found.append(await hits(READ, 50))

    assert found[0] == found[1] != found[2]
    assert 10 < sum(found[0]) < 40


async def test_a_rule_acts_only_at_its_failpoint_and_kind() -> None:
    failpoints.enable("call.after_intent/capture=raise; relay.after_send=exec_then_timeout@once")

    assert await hits("call.after_intent", 1, "authorize") == [False]
    assert await hits("call.after_intent", 1, "capture") == [True]
    assert await hits(READ, 1) == [False]
    with pytest.raises(TimeoutError, match=r"relay\.after_send"):
        await failpoints.hit("relay.after_send")


async def test_a_delay_delays_once_and_the_caller_continues() -> None:
    failpoints.enable(f"{COMMIT}=delay:0.05")
    began = time.monotonic()

    assert await failpoints.hit(COMMIT)
    assert time.monotonic() - began >= 0.05
    assert not await failpoints.hit(COMMIT)


async def test_hits_are_counted_without_a_matching_rule() -> None:
    failpoints.enable(f"{COMMIT}=kill@9")
    await hits(READ, 2)

    assert failpoints.active is not None
    assert failpoints.active.reached == {READ: 2}


@pytest.mark.parametrize(
    "invalid",
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
def test_an_invalid_rule_is_refused(invalid: str) -> None:
    with pytest.raises(ValueError, match=r"relay|raise"):
        parse_rules(invalid)


def test_every_failpoint_accepts_each_of_its_actions() -> None:
    for failpoint in all_failpoints().values():
        assert Action.KILL in failpoint.actions
        for action in failpoint.actions:
            seconds = ":1" if action in {Action.STOP, Action.DELAY} else ""
            (rule,) = parse_rules(f"{failpoint.name}={action}{seconds}@twice")
            assert (rule.failpoint, rule.action, rule.times) == (failpoint.name, action, 2)


def test_a_service_registers_its_failpoints_by_its_distribution() -> None:
    assert {it.name for it in FAILPOINTS}.isdisjoint(it.name for it in CHECKOUT_SAGA)
    assert set(all_failpoints()) == {it.name for it in (*FAILPOINTS, *CHECKOUT_SAGA)}


def test_two_failpoints_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", lambda: [Failpoint("relay.after_send", "another", ANY)])
    with pytest.raises(ValueError, match=r"two failpoints 'relay\.after_send'"):
        all_failpoints.__wrapped__()


async def test_a_rule_file_may_change_and_its_uses_are_counted_in_a_second_file(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text(f"{READ}=raise@twice\n")
    failpoints.enable(f"@{rules}")

    assert await hits(READ, 1) == [True]
    failpoints.enable(f"@{rules}")  # as another process, or this one after a restart
    assert await hits(READ, 2) == [True, False]

    again = tmp_path / "again"
    again.write_text(f"{READ}=raise@once")
    again.replace(rules)
    assert await hits(READ, 2) == [True, False]
    entries = [json.loads(line) for line in (tmp_path / "rules.fired").read_text().splitlines()]
    assert [(it["place"], it["action"], it["hit"]) for it in entries] == [
        (READ, "raise", 1),
        (READ, "raise", 1),
        (READ, "raise", 1),
    ]


def test_a_missing_or_invalid_rule_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        failpoints.enable(f"@{tmp_path / 'none'}")
    (tmp_path / "odd").write_text("kill everybody")
    with pytest.raises(ValueError, match="kill everybody"):
        failpoints.enable(f"@{tmp_path / 'odd'}")


def test_a_kill_ends_the_process_at_once() -> None:
    done = subprocess.run(
        (sys.executable, "-c", PASSES, f"{READ}=kill@2"), capture_output=True, text=True, check=False
    )

    assert done.returncode == -signal.SIGKILL
    assert done.stdout.count("passed") == 1
    last_line = done.stdout.splitlines()[-1]
    assert "action=kill hit=2" in last_line
    assert "place=relay.after_read" in last_line


def test_a_stopped_process_continues_after_its_time() -> None:
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
