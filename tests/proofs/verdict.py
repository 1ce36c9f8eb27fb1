"""The frame of a proof: its seed at the start, and a report of all violations at the end."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

DEFAULT_SEED = 20_260_301
MAX_PRINTED = 20


def number(name: str, default: int) -> int:
    """A number that may be given as ``make proof-… NAME=…``."""
    return int(os.environ.get(name) or default)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass
class Verdict:
    """The result of a run: figures and violations."""

    name: str
    seed: int = field(default_factory=lambda: number("SEED", DEFAULT_SEED))
    figures: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    """Safety: something happened that must never happen."""
    standstills: list[str] = field(default_factory=list)
    """Liveness: something did not happen in time."""
    unproved: list[str] = field(default_factory=list)
    """Why the run proves nothing, although it found no violation."""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        say(f"{self.name}: seed {self.seed}")

    def chance(self, *what: object) -> random.Random:
        """A random stream for one part of the run, independent of the other parts."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, what))}")

    def expect(self, holds: bool, broken: str) -> None:
        if not holds:
            self.violations.append(broken)

    def expect_in_time(self, comes: bool, missing: str) -> None:
        if not comes:
            self.standstills.append(missing)

    @property
    def holds(self) -> bool:
        return not (self.violations or self.standstills or self.unproved)

    @contextmanager
    def taking_down(self) -> Iterator[None]:
        """Report what ends the run early, after everything that it found before."""
        try:
            yield
        except AssertionError as broken:
            traceback.print_exc()
            self.violations.append(f"the run ended early: {broken}")
        except Exception as trouble:
            traceback.print_exc()
            self.unproved.append(f"the run itself has failed: {trouble!r}")

    def report(self) -> dict[str, Any]:
        seconds = round(time.monotonic() - self.began, 1)
        header = {"proof": self.name, "seed": self.seed, "commit": _commit(), "seconds": seconds}
        found = {
            "violations": self.violations,
            "standstills": self.standstills,
            "unproved": self.unproved,
        }
        return {**header, **self.figures, **found}

    def end(self) -> int:
        """Print the report. Returns the exit code."""
        say(json.dumps(self.report(), indent=2, default=str))
        for what, found in (
            ("BROKEN", self.violations),
            ("STANDS STILL", self.standstills),
            ("NOT PROVED", self.unproved),
        ):
            for it in found[:MAX_PRINTED]:
                say(f"{what}: {it}")
            if len(found) > MAX_PRINTED:
                say(f"… and {len(found) - MAX_PRINTED} more")
        say(f"{self.name}: {'holds' if self.holds else 'FAILED'} (SEED={self.seed})")
        return 0 if self.holds else 1


def _commit() -> str | None:
    """The commit under test, marked if the tree has changes."""
    command = ("git", "describe", "--always", "--dirty", "--exclude=*")
    header = subprocess.run(command, check=False, capture_output=True, text=True)
    return header.stdout.strip() or None
