"""The catchers that need servers: the race of the log, a short load that is verified, and a short storm."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.proofs.planted.found import Broken, Found
from tests.support.stack import PROGRAM, running_stack

RACE_SECONDS = 10
ORDERS, LOADED_WITHIN = 150, 45.0
REPLICAS = "offer=2,checkout-saga=2"
MIX = "tok_ok=60,tok_declined=10,tok_action=10,tok_flaky=10,tok_capture_fails=10"
KILLS = {"CHECKOUTS": "40", "KILLS": "1"}
"""Each process is killed once, and so are PostgreSQL and Kafka, the latter also to come back empty."""
STORMS = 3
"""Rounds, each by a seed of its own: whether a kill comes in the wrong moment is luck."""
TOLD = re.compile(r"^(BROKEN|STANDS STILL|NOT PROVED): (.*)$", re.MULTILINE)
OF_VERIFY = re.compile(r"feira verify: ([A-Z]\d),")
UNPROVED = "NOT PROVED"
STILL = "still"
JOURNAL = "journal"
"""The customers' own, and the gateway's: whatever is not said by ``feira verify``."""


def race(rules: Sequence[str]) -> Found:
    told = _proof({"SECONDS": str(RACE_SECONDS)}, "tests.proofs.race")
    missed = [Broken("missed", what) for _, what in told if what.startswith("the reader missed")]
    return Found(f"{RACE_SECONDS} s", missed)


def crash(rules: Sequence[str]) -> Found:
    """Each promise by its name in ``feira verify``, or by who has seen that it is broken."""
    broken: list[Broken] = []
    for number in range(1, STORMS + 1):
        broken += _storm(number)
        if any(it.rule in rules for it in broken):
            break
    return Found(f"{number} x kills", broken)


def _storm(seed: int) -> Iterator[Broken]:
    for how, what in _proof({**KILLS, "SEED": str(seed)}, "tests.proofs.chaos", "kills"):
        if how == UNPROVED:
            continue  # that storm has shown nothing; the next one may
        check = OF_VERIFY.match(what)
        rule = STILL if how == "STANDS STILL" else check[1] if check else JOURNAL
        yield Broken(rule, what)


def verify(rules: Sequence[str]) -> Found:
    with (
        tempfile.TemporaryDirectory(prefix="feira-verified-", ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder) / "home", {"FEIRA_REPLICAS": REPLICAS}) as stack,
    ):
        load = ("load", "--orders", str(ORDERS), "--concurrency", "8", "--mix", MIX, "--json")
        # what the load thinks of it is not asked, nor waited for: it leaves something to look at
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                (PROGRAM, *load),
                env=stack.environment,
                stdout=subprocess.DEVNULL,
                timeout=LOADED_WITHIN,
                check=False,
            )
        command = (PROGRAM, "verify", "--json", "--settle", "15")
        done = subprocess.run(command, env=stack.environment, stdout=subprocess.PIPE, text=True, check=False)
        told = json.loads(done.stdout)
    broken = [Broken(it["check"], str(it["rows"][:1])) for it in told["checks"] if it["violations"]]
    if not broken and not told["compared"]["checkouts"]:
        raise RuntimeError("nobody has bought anything: there was nothing to verify")
    return Found(f"{ORDERS} purchases", broken)


def _proof(settings: Mapping[str, str], *module: str) -> list[tuple[str, str]]:
    """What a proof tells to be broken, and how; raises if it does not come to a verdict."""
    with tempfile.TemporaryDirectory(prefix="feira-caught-", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            (sys.executable, "-m", *module),
            env={**os.environ, **settings, "KEEP": folder},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    told: list[tuple[str, str]] = TOLD.findall(done.stdout)
    if bool(told) != bool(done.returncode):
        raise RuntimeError(f"{module} came to no verdict: exit code {done.returncode}: {done.stdout[-500:]}")
    return told
