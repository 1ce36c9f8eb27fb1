"""The simulation as a catcher: seed after seed, until one of the rules is broken."""

from __future__ import annotations

from collections.abc import Sequence

from tests.proofs.mutants.findings import Findings, Violation
from tests.proofs.simulation.drawing import drawn
from tests.proofs.simulation.many import prepare_worker
from tests.proofs.simulation.outcome import outcomes

MAX_SEEDS = 1_000
BATCH = 20


def simulation(rules: Sequence[str]) -> Findings:
    """Without ``rules`` it plays all the seeds, and any rule counts."""
    prepare_worker()
    others: dict[str, Violation] = {}
    for first in range(1, MAX_SEEDS, BATCH):
        for outcome in outcomes([(drawn(seed), None) for seed in range(first, first + BATCH)]):
            for broken in outcome.violations:
                violation = Violation(broken.rule, f"seed {outcome.workload.seed}: {broken.what}")
                if broken.rule in rules:
                    return Findings(f"{outcome.workload.seed} seeds", [violation])
                others.setdefault(broken.rule, violation)
    return Findings(f"{MAX_SEEDS} seeds", list(others.values()))
