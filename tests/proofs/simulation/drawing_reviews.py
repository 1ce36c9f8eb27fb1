"""Draws which shops screen payments, and what operators do about those that are held for a review."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from tests.proofs.simulation.workload import Purchase, Workload

SCREENED = 0.2
"""Part of the shops."""
RULES = "all", "all", "second"
DECISIONS = "approve", "approve", "decline", "both", ""
SOON, AT_THE_END = 5.0, 0.5
"""Seconds: at most after the beginning of a review, and at most from its end."""
HOURS = 1, 24
LATE = 0.2
"""Part of the decisions that come at the end of the review's time, before it or after it."""


@dataclass
class ReviewDrawing:
    seed: int
    chance: random.Random = field(init=False)
    """A stream of its own: the rest of a seed's workload is older and must not change."""

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}/reviews")

    def drawn(self, workload: Workload) -> Workload:
        chance = self.chance
        if chance.random() > SCREENED:
            return workload
        hours = chance.choice(HOURS)
        return replace(
            workload,
            rules=chance.choice(RULES),
            review_hours=hours,
            review_timeout=chance.choice(("decline", "decline", "approve")),
            purchases=tuple(self._reviewed(it, hours) for it in workload.purchases),
        )

    def _reviewed(self, purchase: Purchase, hours: int) -> Purchase:
        chance = self.chance
        at_end = hours * 3_600 + chance.uniform(-AT_THE_END, AT_THE_END)
        soon = chance.uniform(0, SOON)
        return replace(
            purchase,
            review=chance.choice(DECISIONS),
            reviewed=at_end if chance.random() < LATE else soon,
        )
