"""What is broken when: the same schedule for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    PROCESS = "process killed"
    STOPPED = "process stopped beyond its session, and let go"
    POSTMASTER = "PostgreSQL's postmaster killed"
    BACKEND = "one PostgreSQL backend killed"
    KAFKA = "Kafka killed"
    EMPTIED = "Kafka killed and brought back empty"


@dataclass(frozen=True)
class Fault:
    at: float
    """Seconds after the storm's beginning."""
    kind: Kind
    target: str

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind.value}: {self.target}"


def planned(
    chance: random.Random, processes: Sequence[str], consumers: Sequence[str], kills: int, seconds: float
) -> list[Fault]:
    """``kills`` of each process, and of the rest as many as go with that."""
    faults = [(Kind.PROCESS, it) for it in processes for _ in range(kills)]
    faults += [(Kind.STOPPED, chance.choice(consumers)) for _ in range(max(1, kills // 5))]
    for kind, part, at_ten in (
        (Kind.POSTMASTER, "postgres", 3),
        (Kind.BACKEND, "postgres", 3),
        (Kind.KAFKA, "kafka", 2),
    ):
        faults += [(kind, part)] * max(1, kills * at_ten // 10)
    chance.shuffle(faults)
    # it must have something to lose, and the others something to do afterwards
    faults.insert(len(faults) // 2, (Kind.EMPTIED, "kafka"))
    pace = seconds / len(faults)
    return [
        Fault(round((number + chance.uniform(0.1, 0.9)) * pace, 2), kind, target)
        for number, (kind, target) in enumerate(faults)
    ]
