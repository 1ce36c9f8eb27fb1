"""The simulation as a catcher: seed after seed, until one of the rules is broken."""

from __future__ import annotations

from collections.abc import Sequence

from tests.proofs.planted.found import Broken, Found
from tests.proofs.simulation.many import prepare_worker
from tests.proofs.simulation.outcome import outcomes
from tests.proofs.simulation.scene import drawn

MOST = 1_000
AT_ONCE = 20


def simulation(rules: Sequence[str]) -> Found:
    """Without ``rules`` it plays all the seeds, and any rule counts."""
    prepare_worker()
    other: dict[str, Broken] = {}
    for first in range(1, MOST, AT_ONCE):
        for it in outcomes([(drawn(seed), None) for seed in range(first, first + AT_ONCE)]):
            for violation in it.violations:
                broken = Broken(violation.rule, f"seed {it.scene.seed}: {violation.what}")
                if violation.rule in rules:
                    return Found(f"{it.scene.seed} seeds", [broken])
                other.setdefault(violation.rule, broken)
    return Found(f"{MOST} seeds", list(other.values()))
