"""How a proof begins and ends: with a seed that repeats it, and with every broken promise told."""

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
MOST_TOLD = 20


def number(name: str, default: int) -> int:
    """A number that may be given as ``make proof-… NAME=…``."""
    return int(os.environ.get(name) or default)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass
class Verdict:
    """What a run did, and which promises it found broken."""

    name: str
    seed: int = field(default_factory=lambda: number("SEED", DEFAULT_SEED))
    figures: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    """Of safety: something happened that never must."""
    standstills: list[str] = field(default_factory=list)
    """Of liveness: something has not happened in the time it has."""
    unproved: list[str] = field(default_factory=list)
    """Nothing is known to be broken, but the run has not shown what it is for."""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        say(f"{self.name}: seed {self.seed}")

    def chance(self, *what: object) -> random.Random:
        """The same choices for the same part of the run, whatever the others do."""
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
        """What ends the run early is told as well, behind all that it has found until then."""
        try:
            yield
        except AssertionError as broken:
            traceback.print_exc()
            self.violations.append(f"the run ended with it: {broken}")
        except Exception as trouble:
            traceback.print_exc()
            self.unproved.append(f"the run itself has failed: {trouble!r}")

    def report(self) -> dict[str, Any]:
        seconds = round(time.monotonic() - self.began, 1)
        told = {"proof": self.name, "seed": self.seed, "commit": _commit(), "seconds": seconds}
        found = {
            "violations": self.violations,
            "standstills": self.standstills,
            "unproved": self.unproved,
        }
        return {**told, **self.figures, **found}

    def end(self) -> int:
        """Print all of it; the exit code."""
        say(json.dumps(self.report(), indent=2, default=str))
        for what, found in (
            ("BROKEN", self.violations),
            ("STANDS STILL", self.standstills),
            ("NOT PROVED", self.unproved),
        ):
            for it in found[:MOST_TOLD]:
                say(f"{what}: {it}")
            if len(found) > MOST_TOLD:
                say(f"… and {len(found) - MOST_TOLD} more")
        say(f"{self.name}: {'holds' if self.holds else 'FAILED'} (SEED={self.seed})")
        return 0 if self.holds else 1


def _commit() -> str | None:
    """What was proved; with a mark where it has been changed since."""
    command = ("git", "describe", "--always", "--dirty", "--exclude=*")
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    return told.stdout.strip() or None
