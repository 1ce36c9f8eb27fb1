"""How a proof begins and ends: with a seed that repeats it, and with every broken promise told."""

from __future__ import annotations

import json
import os
import random
import sys
import time
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
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        say(f"{self.name}: seed {self.seed}")

    def chance(self, *what: object) -> random.Random:
        """The same choices for the same part of the run, whatever the others do."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, what))}")

    def expect(self, holds: bool, broken: str) -> None:
        if not holds:
            self.violations.append(broken)

    def end(self) -> int:
        """Print all of it; the exit code."""
        seconds = round(time.monotonic() - self.began, 1)
        told = {"proof": self.name, "seed": self.seed, "seconds": seconds, **self.figures}
        say(json.dumps({**told, "violations": len(self.violations)}, indent=2, default=str))
        for it in self.violations[:MOST_TOLD]:
            say(f"BROKEN: {it}")
        if len(self.violations) > MOST_TOLD:
            say(f"… and {len(self.violations) - MOST_TOLD} more")
        say(f"{self.name}: {'FAILED' if self.violations else 'holds'} (SEED={self.seed})")
        return 1 if self.violations else 0
