"""Many runs on all cores, reported in the order of their seeds."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeVar

from tests.proofs.simulation.drawing import drawn
from tests.proofs.simulation.outcome import Outcome, make_quiet, outcomes
from tests.proofs.verdict import say

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 25
"""Seeds that are checked together."""
PROGRESS_SECONDS = 10.0
MAX_KEPT = 10
"""Failures that are reported in full; further ones are only counted."""


class Piece(NamedTuple):
    """A worker's report on its part."""

    runs: int
    traces: str
    counts: Counter[str]
    cells: Counter[str]
    failed: list[Outcome]


@dataclass
class Tally:
    what: str
    wanted: int
    runs: int = 0
    failures: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _reported: float = field(default_factory=time.monotonic)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, piece: Piece) -> None:
        self.runs += piece.runs
        self._digest.update(piece.traces.encode())
        self.counts += piece.counts
        self.cells += piece.cells
        self.failures += len(piece.failed)
        self.failed += piece.failed[: MAX_KEPT - len(self.failed)]
        if time.monotonic() - self._reported > PROGRESS_SECONDS:
            self._reported = time.monotonic()
            say(f"  {self.runs} of {self.wanted} {self.what}, {self.seconds:.0f} s, {self.failures} failed")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def trace(self) -> str:
        return self._digest.hexdigest()


def cores() -> int:
    return len(os.sched_getaffinity(0))


def prepare_worker() -> None:
    """Exempt everything loaded so far from garbage collection; each piece collects its worlds at its end."""
    make_quiet()
    gc.collect()
    gc.freeze()
    gc.disable()


def piece_of(found: Sequence[Outcome]) -> Piece:
    counts, cells = Counter[str](), Counter[str]()
    for it in found:
        counts += it.counts
        cells += it.cells
    traces = "".join(f"{it.workload.seed} {it.trace}\n" for it in found)
    return Piece(len(found), traces, counts, cells, [it for it in found if it.violations])


def seeds(first: int, count: int, workers: int | None = None) -> Tally:
    """Run these seeds, each with its own workload and faults."""
    tally = Tally("seeds", count)
    begins = range(first, first + count, AT_ONCE)
    parts = [(it, min(AT_ONCE, first + count - it)) for it in begins]
    for piece in _spread(_play_seeds, parts, workers or cores()):
        tally.add(piece)
    return tally


def spread(work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
    return _spread(work, parts, cores())


def _play_seeds(part: tuple[int, int]) -> Piece:
    first, count = part
    return piece_of(outcomes([(drawn(it), None) for it in range(first, first + count)]))


def _spread(work: Callable[[T], R], parts: Iterable[T], workers: int) -> Iterator[R]:
    """Results in the order of the parts; at most four parts a worker are submitted at a time."""
    waiting = iter(parts)
    with ProcessPoolExecutor(workers, initializer=prepare_worker) as pool:
        going = [pool.submit(work, it) for it in islice(waiting, 4 * workers)]
        while going:
            found = going.pop(0).result()
            going += [pool.submit(work, it) for it in islice(waiting, 1)]
            yield found
