"""The outcome of a run: faults injected, ends of the checkouts, rules broken."""

from __future__ import annotations

import gc
import logging
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from tests.proofs.simulation.collect import judged
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.met_cells import met
from tests.proofs.simulation.play import planned, play
from tests.proofs.simulation.services import CHECKOUT
from tests.proofs.simulation.workload import Workload
from tests.proofs.simulation.world import TraceLine, Violation, World

ENDS = {"checkout.completed": "completed", "checkout.failed": "failed"}


@dataclass
class Outcome:
    workload: Workload
    faults: dict[str, str]
    violations: list[Violation]
    trace: str
    counts: Counter[str] = field(default_factory=Counter)
    """Faults by kind, and how the checkouts ended."""
    cells: Counter[str] = field(default_factory=Counter)
    """Those of the matrix that the run has met."""
    trace_lines: list[TraceLine] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def rules(self) -> set[str]:
        return {it.rule for it in self.violations}


def make_quiet() -> None:
    """Silence the services' warnings: most of them are provoked here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def outcome(
    workload: Workload,
    faults: Mapping[str, str] | None = None,
    *,
    telling: bool = False,
    places: bool = False,
) -> Outcome:
    """One run, checked alone; without ``faults`` with those drawn from its seed."""
    plan = planned(workload) if faults is None else Plan(faults)
    plan.places = [] if places else None
    world = _played(workload, plan, telling=telling)
    return _of(world, [*world.violations, *judged([world])] if isinstance(world, World) else world.violations)


def outcomes(runs: Sequence[tuple[Workload, Mapping[str, str] | None]]) -> list[Outcome]:
    """Many runs, checked together for speed, and one by one only if a rule is broken."""
    played = [
        _played(workload, planned(workload) if faults is None else Plan(faults)) for workload, faults in runs
    ]
    whole = [it for it in played if isinstance(it, World)]
    together = judged(whole)
    alone = [judged([it]) if together and isinstance(it, World) else [] for it in played]
    if together and not any(alone):
        alone[0] = together  # no run breaks the rule alone, but together they do
    found = [_of(it, [*it.violations, *found]) for it, found in zip(played, alone, strict=True)]
    del played, whole
    gc.collect()
    return found


@dataclass
class Broken:
    """A run that ended with an exception: a bug of the code under test or of the simulation."""

    workload: Workload
    plan: Plan
    violations: list[Violation]
    trace_lines: list[TraceLine]


def _played(workload: Workload, plan: Plan, *, telling: bool = False) -> World | Broken:
    try:
        return play(workload, plan, telling=telling)
    except Exception as error:
        where = traceback.format_exception(error)[-3:]
        return Broken(workload, plan, [Violation("BUG", f"{error!r} {''.join(where)}")], [])


def _of(world: World | Broken, violations: list[Violation]) -> Outcome:
    counts = Counter(f"{place.split()[0]}: {fault}" for place, fault in world.plan.happened.items())
    trace, cells = "", Counter[str]()
    if isinstance(world, World):
        counts.update(ENDS[it.type] for it in world.databases[CHECKOUT].log if it.type in ENDS)
        cells.update(it.name for it in met(world))
        trace = world.trace()
    return Outcome(
        world.workload,
        world.plan.happened,
        violations,
        trace,
        counts,
        cells,
        world.trace_lines or [],
        world.plan.places or [],
    )
