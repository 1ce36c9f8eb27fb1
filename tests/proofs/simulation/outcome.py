"""How a run ended: what went wrong by plan, what was done, and which rules were broken."""

from __future__ import annotations

import gc
import logging
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.play import planned, play
from tests.proofs.simulation.scene import Scene
from tests.proofs.simulation.services import CHECKOUT
from tests.proofs.simulation.testimony import judged
from tests.proofs.simulation.world import Told, Violation, World

ENDS = {"checkout.completed": "completed", "checkout.failed": "failed"}


@dataclass
class Outcome:
    scene: Scene
    faults: dict[str, str]
    violations: list[Violation]
    trace: str
    counts: Counter[str] = field(default_factory=Counter)
    """Faults by kind, and how the checkouts ended."""
    story: list[Told] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def rules(self) -> set[str]:
        return {it.rule for it in self.violations}


def make_quiet() -> None:
    """The services warn of much that is meant to happen here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def outcome(
    scene: Scene, faults: Mapping[str, str] | None = None, *, telling: bool = False, places: bool = False
) -> Outcome:
    """One run, judged by itself; without ``faults`` by those of its own seed."""
    plan = planned(scene) if faults is None else Plan(faults)
    plan.places = [] if places else None
    world = _played(scene, plan, telling=telling)
    return _of(world, [*world.violations, *judged([world])] if isinstance(world, World) else world.violations)


def outcomes(runs: Sequence[tuple[Scene, Mapping[str, str] | None]]) -> list[Outcome]:
    """The same for many, whose evidence is judged together; one by one only where a rule is broken."""
    played = [_played(scene, planned(scene) if faults is None else Plan(faults)) for scene, faults in runs]
    whole = [it for it in played if isinstance(it, World)]
    together = judged(whole)
    alone = [judged([it]) if together and isinstance(it, World) else [] for it in played]
    if together and not any(alone):
        alone[0] = together  # of nobody by itself: that is wrong, too
    found = [_of(it, [*it.violations, *found]) for it, found in zip(played, alone, strict=True)]
    del played, whole
    gc.collect()
    return found


@dataclass
class Broken:
    """A run that did not come to its end: the code under test, or the simulation, has a bug."""

    scene: Scene
    plan: Plan
    violations: list[Violation]
    story: list[Told]


def _played(scene: Scene, plan: Plan, *, telling: bool = False) -> World | Broken:
    try:
        return play(scene, plan, telling=telling)
    except Exception as error:
        where = traceback.format_exception(error)[-3:]
        return Broken(scene, plan, [Violation("BUG", f"{error!r} {''.join(where)}")], [])


def _of(world: World | Broken, violations: list[Violation]) -> Outcome:
    counts = Counter(f"{place.split()[0]}: {fault}" for place, fault in world.plan.happened.items())
    trace = ""
    if isinstance(world, World):
        counts.update(ENDS[it.type] for it in world.databases[CHECKOUT].log if it.type in ENDS)
        trace = world.trace()
    return Outcome(
        world.scene,
        world.plan.happened,
        violations,
        trace,
        counts,
        world.story or [],
        world.plan.places or [],
    )
