"""Run seeds, schedules or one exported checkout, and report the result: see ``make simulate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.proofs.simulation import matrix
from tests.proofs.simulation.decisions import decisions
from tests.proofs.simulation.exported import load, state
from tests.proofs.simulation.faults import KINDS
from tests.proofs.simulation.many import Tally, cores, seeds
from tests.proofs.simulation.matrix import never_met
from tests.proofs.simulation.outcome import make_quiet, outcome
from tests.proofs.simulation.regressions import keep
from tests.proofs.simulation.schedules import one_fault, two_faults
from tests.proofs.simulation.shrinking import shrunk
from tests.proofs.simulation.trace import lines, report
from tests.proofs.verdict import number, say

MAX_SHRUNK = 3
ENOUGH = 500
"""Runs after which every fault and every end must have occurred."""
ENOUGH_FOR_CELLS = 2_000
"""Seeds after which every cell of the matrix must have been met."""
ENDS = "completed", "failed"
PAIRS = "pairs"


def drawn_seeds() -> Tally:
    first, count = number("FROM", 1), number("SEEDS", 1_000)
    say(f"simulation: {count} seeds from {first} on {cores()} cores")
    return seeds(first, count)


SCHEDULES: Mapping[str, Callable[[], Tally]] = {"one": one_fault, PAIRS: two_faults}


def main() -> int:
    make_quiet()
    if saga := os.environ.get("SAGA"):
        return show_saga(Path(saga))
    schedules = os.environ.get("SCHEDULES")
    tally = SCHEDULES[schedules]() if schedules else drawn_seeds()
    show(tally)
    missing = never_happened(tally) if tally.runs >= ENOUGH and schedules != PAIRS else []
    if tally.runs >= ENOUGH_FOR_CELLS and not schedules:
        missing += [f"a run has met the cell {it.step} / {it.fault}" for it in never_met(tally.cells)]
    for it in missing:
        say(f"NOT PROVED: it never happened that {it}")
    say(f"trace {tally.trace}")
    return 1 if tally.failures or missing else 0


def never_happened(tally: Tally) -> list[str]:
    """The kinds of faults, and of ends of checkouts, that no run had."""
    faults = [f"{place} {kind}" for place, kinds in KINDS.items() for kind in kinds]
    seen = {it.replace(": ", " ") for it in tally.counts}
    return [it for it in (*faults, *ENDS) if it not in seen]


def show_saga(path: Path) -> int:
    """Print its messages, its state, and what it would do next."""
    it = load(path)
    for line in lines(it.story()):
        say(line)
    say("")
    for line in state(it.checkout(), it.timers, it.world.scheduler.now):
        say(line)
    for decision in decisions(it):
        say(f"\nif {decision.when}")
        for line in decision.then:
            say(f"    {line}")
    return 0


def show(tally: Tally) -> None:
    for name, times in sorted(tally.counts.items()):
        say(f"  {times:>9}  {name}")
    say("\nruns that have met each step's faults:")
    for line in matrix.table(tally.cells):
        say(f"  {line}")
    for it in tally.failed[:MAX_SHRUNK]:
        case = shrunk(it)
        again = outcome(case.workload, case.faults, telling=True)
        say("")
        for line in report(again):
            say(line)
        say(f"kept as {keep(case, again.rules or it.rules)}")
    for it in tally.failed[MAX_SHRUNK:]:
        say(f"FAILED: seed {it.workload.seed}: {it.violations[0].rule} {it.violations[0].what}")
    rate = tally.runs / max(tally.seconds, 1e-9)
    say(f"{tally.runs} {tally.what} in {tally.seconds:.1f} s ({rate:.0f}/s), {tally.failures} failed")


if __name__ == "__main__":
    sys.exit(main())
