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

from tests.proofs.mutants.findings import Findings, Violation
from tests.support.stack import PROGRAM, running_stack

RACE_SECONDS = 10
ORDERS, LOAD_TIMEOUT = 150, 45.0
REPLICAS = "offer=2,checkout-saga=2"
MIX = "tok_ok=60,tok_declined=10,tok_action=10,tok_flaky=10,tok_capture_fails=10"
KILLS = {"CHECKOUTS": "40", "KILLS": "1"}
"""Each process is killed once, and so are PostgreSQL and Kafka, the latter also to come back empty."""
STORMS = 3
"""Rounds, each with its own seed: whether a kill comes at a critical moment is chance."""
VERDICTS = re.compile(r"^(BROKEN|STANDS STILL|NOT PROVED): (.*)$", re.MULTILINE)
VERIFY_CHECK = re.compile(r"feira verify: ([A-Z]\d),")
UNPROVED = "NOT PROVED"
STALLED = "still"
JOURNAL = "journal"
"""A violation that the customers' or the gateway's journal shows, and not ``feira verify``."""


def race(rules: Sequence[str]) -> Findings:
    verdicts = _proof({"SECONDS": str(RACE_SECONDS)}, "tests.proofs.race")
    missed = [Violation("missed", what) for _, what in verdicts if what.startswith("the reader missed")]
    return Findings(f"{RACE_SECONDS} s", missed)


def crash(rules: Sequence[str]) -> Findings:
    """Its rules: the checks of ``feira verify``, ``still`` (a checkout does not end) and ``journal``."""
    broken: list[Violation] = []
    for number in range(1, STORMS + 1):
        broken += _storm(number)
        if any(it.rule in rules for it in broken):
            break
    return Findings(f"{number} x kills", broken)


def _storm(seed: int) -> Iterator[Violation]:
    for how, what in _proof({**KILLS, "SEED": str(seed)}, "tests.proofs.chaos", "kills"):
        if how == UNPROVED:
            continue  # this storm is inconclusive; the next one may not be
        check = VERIFY_CHECK.match(what)
        rule = STALLED if how == "STANDS STILL" else check[1] if check else JOURNAL
        yield Violation(rule, what)


def verify(rules: Sequence[str]) -> Findings:
    with (
        tempfile.TemporaryDirectory(prefix="feira-verified-", ignore_cleanup_errors=True) as folder,
        running_stack(Path(folder) / "home", {"FEIRA_REPLICAS": REPLICAS}) as stack,
    ):
        load = ("load", "--orders", str(ORDERS), "--concurrency", "8", "--mix", MIX, "--json")
        # its own verdict does not matter: it only leaves data to verify
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                (PROGRAM, *load),
                env=stack.environment,
                stdout=subprocess.DEVNULL,
                timeout=LOAD_TIMEOUT,
                check=False,
            )
        command = (PROGRAM, "verify", "--json", "--settle", "15")
        done = subprocess.run(command, env=stack.environment, stdout=subprocess.PIPE, text=True, check=False)
        report = json.loads(done.stdout)
    broken = [Violation(it["check"], str(it["rows"][:1])) for it in report["checks"] if it["violations"]]
    if not broken and not report["compared"]["checkouts"]:
        raise RuntimeError("The load has completed no checkout: there is nothing to verify.")
    return Findings(f"{ORDERS} purchases", broken)


def _proof(settings: Mapping[str, str], *module: str) -> list[tuple[str, str]]:
    """How a proof has failed, and why: ``(verdict, text)`` pairs. Raises if it came to no verdict."""
    with tempfile.TemporaryDirectory(prefix="feira-caught-", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            (sys.executable, "-m", *module),
            env={**os.environ, **settings, "KEEP": folder},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    verdicts: list[tuple[str, str]] = VERDICTS.findall(done.stdout)
    if bool(verdicts) != bool(done.returncode):
        raise RuntimeError(f"{module} came to no verdict: exit code {done.returncode}: {done.stdout[-500:]}")
    return verdicts
