"""Which fault is caused when: the same schedule for the same seed."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    PROCESS = "process killed"
    STOPPED = "process stopped beyond its session, and let go"
    SLOWED = "process slowed to a crawl"
    POSTMASTER = "PostgreSQL's postmaster killed"
    BACKEND = "one PostgreSQL backend killed"
    KAFKA = "Kafka killed"
    EMPTIED = "Kafka killed and brought back empty"
    ROLLING = "all services restarted in turn"
    SCALED = "one replica, four, and one again"
    LATE = "link late"
    NO_ANSWERS = "link mute: answers swallowed"
    NO_REQUESTS = "link mute: requests swallowed"
    CUT = "connections cut within an answer"
    RESET = "connections reset"
    TRICKLE = "answers trickle"
    AGAIN = "old records delivered again, out of order"
    POISON = "poison records"
    CLOCK = "database clock jumped"
    HOSTILE = "hostile clients: floods, trailers, connections that hold still"
    FULL = "disk full"


LINKS = (Kind.LATE, Kind.NO_ANSWERS, Kind.NO_REQUESTS, Kind.CUT, Kind.RESET, Kind.TRICKLE)
OFTEN = {
    Kind.PROCESS: 8,
    Kind.STOPPED: 2,
    Kind.SLOWED: 2,
    Kind.POSTMASTER: 2,
    Kind.BACKEND: 3,
    Kind.KAFKA: 2,
    Kind.ROLLING: 1,
    Kind.SCALED: 4,
    **dict.fromkeys(LINKS, 4),
    Kind.AGAIN: 4,
    Kind.POISON: 3,
    Kind.CLOCK: 2,
    Kind.FULL: 1,
    Kind.HOSTILE: 3,
}
"""Weights of the kinds. Kafka is emptied once in a run."""
EVERY_SECONDS = 4.0


@dataclass(frozen=True)
class Fault:
    at: float
    """Seconds after the storm's beginning."""
    kind: Kind
    target: str
    number: int
    """Its position in the plan; seeds its own random choices."""

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind.value}: {self.target}"


@dataclass(frozen=True)
class Targets:
    processes: Sequence[str]
    consumers: Sequence[str]
    """The processes that read topics."""
    scalable: Sequence[str] = ()
    proxies: Sequence[str] = ()
    topics: Sequence[str] = ()
    disks: Sequence[str] = ()
    """The disk of the stack's home, if it has one of its own."""

    def of(self, kind: Kind) -> Sequence[str]:
        match kind:
            case Kind.PROCESS:
                return self.processes
            case Kind.STOPPED | Kind.SLOWED:
                return self.consumers
            case Kind.POSTMASTER | Kind.BACKEND:
                return ("postgres",)
            case Kind.KAFKA | Kind.EMPTIED:
                return ("kafka",)
            case Kind.SCALED:
                return self.scalable
            case Kind.AGAIN | Kind.POISON:
                return self.topics
            case Kind.ROLLING:
                return ("all services",)
            case Kind.FULL:
                return self.disks
            case Kind.CLOCK:
                return ("all databases",)
            case Kind.HOSTILE:
                return self.processes
            case _:
                return self.proxies


def kills(chance: random.Random, targets: Targets, each: int, pace: float) -> list[Fault]:
    """Each process is killed ``each`` times, the others in proportion; ``pace`` seconds apart."""
    faults = [(Kind.PROCESS, it) for it in targets.processes for _ in range(each)]
    faults += [(Kind.STOPPED, chance.choice(targets.consumers)) for _ in range(max(1, each // 5))]
    for kind, at_ten in ((Kind.POSTMASTER, 3), (Kind.BACKEND, 3), (Kind.KAFKA, 2)):
        faults += [(kind, targets.of(kind)[0])] * max(1, each * at_ten // 10)
    chance.shuffle(faults)
    return _timed(chance, faults, pace)


def chaos(
    chance: random.Random, targets: Targets, seconds: float, only: Collection[Kind] = ()
) -> list[Fault]:
    """Each kind at least once, or each of ``only`` these, however short the storm is. A kind hits all its
    targets before it hits one again."""
    often = {
        kind: weight for kind, weight in OFTEN.items() if (not only or kind in only) and targets.of(kind)
    }
    count = max(len(often), int(seconds / EVERY_SECONDS) - 1)
    kinds = [*often, *chance.choices(list(often), list(often.values()), k=count - len(often))]
    chance.shuffle(kinds)
    decks = {kind: _dealt(chance, targets.of(kind)) for kind in often}
    faults = [(kind, next(decks[kind])) for kind in kinds]
    return _timed(chance, faults, seconds / (len(faults) + 1), empties=not only)


def named(names: Iterable[str]) -> set[Kind]:
    """Kinds by their names, as ``clock`` or ``no_answers``. Raises ``ValueError`` with the list of names."""
    known = {it.name.lower(): it for it in OFTEN}
    try:
        return {known[it] for it in names}
    except KeyError as unknown:
        raise ValueError(f"there is no fault {unknown}; there are {', '.join(known)}") from None


def _dealt(chance: random.Random, cards: Sequence[str]) -> Iterator[str]:
    """In random order, all of them before any is repeated."""
    while True:
        yield from chance.sample(cards, len(cards))


def _timed(
    chance: random.Random, faults: list[tuple[Kind, str]], pace: float, *, empties: bool = True
) -> list[Fault]:
    if empties:
        # in the middle: Kafka has records to lose, and there is load afterwards
        faults.insert(len(faults) // 2, (Kind.EMPTIED, "kafka"))
    return [
        Fault(round((number + chance.uniform(0.1, 0.9)) * pace, 2), kind, target, number)
        for number, (kind, target) in enumerate(faults)
    ]
