"""Attributions by program and day: who was referred, whose referral was confirmed, and what was revoked."""

from __future__ import annotations

from kernel.projections.counters import CounterTable, RowDeltas, summed
from projections.models.referrals.state import ATTRIBUTED, CONFIRMED, REVOKED, Referral

MEASURES = (ATTRIBUTED, CONFIRMED, REVOKED)


def contributions(state: Referral) -> RowDeltas:
    return summed(
        [
            ((state.program_id, step.day), tuple(int(step.counted == it) for it in MEASURES))
            for step in state.steps
            if step.counted in MEASURES
        ]
    )


PEOPLE: CounterTable[Referral] = CounterTable(
    name="referral_people",
    keys={"program_id": "uuid", "day": "date"},
    measures=MEASURES,
    contributions=contributions,
)
