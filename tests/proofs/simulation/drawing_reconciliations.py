"""Draws which shops are reconciled with the gateway, when, and what differs there from the log."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from simulators.gateway import tokens
from tests.proofs.simulation.workload import REFERRER, Purchase, Workload

RECONCILED, SCHEDULED = 0.3, 0.3
"""Part of the shops, and of them the part with runs by the schedule; the others ask for runs alone."""
HOURS = 11, 17
ASKED = 1, 2, 3
JUST_AFTER = 5.0
"""Seconds after the end of the faults, until which runs are asked for."""
LOST, CLAIMED = 0.5, 0.5


@dataclass
class ReconciliationDrawing:
    seed: int
    chance: random.Random = field(init=False)
    """A stream of its own: the rest of a seed's workload is older and must not change."""

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}/reconciliations")

    def drawn(self, workload: Workload) -> Workload:
        chance = self.chance
        if chance.random() > RECONCILED:
            return workload
        asked = (chance.uniform(0, workload.healed_at + JUST_AFTER) for _ in range(chance.choice(ASKED)))
        workload = replace(workload, compared=tuple(sorted(asked)))
        if chance.random() > SCHEDULED:
            return workload
        workload = replace(workload, reconciled=chance.choice(HOURS), lost=chance.random() < LOST)
        return self._with_claim(workload) if chance.random() < CLAIMED else workload

    def _with_claim(self, workload: Workload) -> Workload:
        """A review declines a payment, the gateway refuses to end its authorization, and an operator says
        that it has ended."""
        first, *others = workload.purchases
        if first.customer == REFERRER:
            return workload
        claimed = replace(
            first, method="card", token=tokens.VOID_REFUSED, cancel=None, review="decline", operator="claim"
        )
        return replace(
            workload,
            rules="all",
            goods=tuple(replace(it, stock=None) for it in workload.goods),
            purchases=(claimed, *map(self._let_pass, others)),
        )

    def _let_pass(self, it: Purchase) -> Purchase:
        return replace(it, review=it.review or "approve")
