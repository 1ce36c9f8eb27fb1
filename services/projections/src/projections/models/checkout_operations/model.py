"""Checkout operations: checkouts in flight and stuck, failures by step and code, compensations, durations.

Everything counts on the day the checkout was started. A duration is measured between the times at which the
facts were recorded, not at which they occurred; only completed checkouts have one.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import checkout
from kernel.projections.counters import CounterModel, CounterTable, Measures, RowDeltas
from kernel.projections.folding import RowKey
from kernel.projections.model import day_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Checkout(BaseModel):
    begun: date | None = None
    begun_ms: int = 0
    """When the start was recorded, in milliseconds since 1970."""
    first_deadline_ms: int = 0
    extended_ms: int = 0
    """By how much the deadline has been moved, for a payment of days or a review."""
    stuck: list[str] = []
    """Steps that need an operator. This read model ignores which steps are done: a step that succeeds after
    all stays here until the checkout ends, waits for its customer or starts to compensate."""
    ended: bool = False
    duration_ms: int | None = None
    failure: tuple[str, str] | None = None
    """Phase and code."""
    compensated: dict[str, int] = {}


KnownFact = (
    checkout.Started
    | checkout.Advanced
    | checkout.ActionRequired
    | checkout.WaitingBegan
    | checkout.DeadlineMoved
    | checkout.CompensationStarted
    | checkout.StepCompensated
    | checkout.OperatorNeeded
    | checkout.Completed
    | checkout.Failed
)


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Checkout, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    match fact:
        case checkout.Started():
            state.begun, state.begun_ms = day_of(occurred_at), _milliseconds(recorded_at)
            state.first_deadline_ms = _milliseconds(fact.expires_at)
        case checkout.DeadlineMoved(expires_at=expires_at):
            state.extended_ms = _milliseconds(expires_at) - state.first_deadline_ms
        case checkout.WaitingBegan(step=step):
            state.stuck = [stuck for stuck in state.stuck if stuck != step]
        case checkout.ActionRequired() | checkout.CompensationStarted():
            state.stuck = []
        case checkout.Advanced(undone=undone):
            for step in undone:
                _compensate(state, step)
        case checkout.StepCompensated(step=step):  # of streams from before `checkout.advanced`
            _compensate(state, step)
        case checkout.OperatorNeeded(step=step):
            state.stuck = sorted({*state.stuck, step})
        case checkout.Completed():
            state.ended = True
            state.duration_ms = max(0, _milliseconds(recorded_at) - state.begun_ms)
        case checkout.Failed(phase=phase, code=code):
            state.ended, state.failure = True, (phase, code)
        case _:
            assert_never(fact)


def _compensate(state: Checkout, step: str) -> None:
    state.stuck = [stuck for stuck in state.stuck if stuck != step]
    state.compensated[step] = state.compensated.get(step, 0) + 1


def contributions(state: Checkout) -> RowDeltas:
    if state.begun is None:
        return {}
    counts: Counter[RowKey] = Counter()
    if state.failure:
        counts[state.begun, "failure", *state.failure] += 1
    if state.duration_ms is not None:
        counts[state.begun, "duration", str(state.duration_ms), ""] += 1
    for step, count in state.compensated.items():
        counts[state.begun, "compensation", step, ""] += count
    deltas: dict[RowKey, Measures] = {key: (count,) for key, count in counts.items()}
    return deltas


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


CHECKOUT_OPERATIONS: CounterModel[Checkout, KnownFact] = CounterModel(
    name="checkout_operations",
    version=4,
    facts=get_args(KnownFact),
    state=Checkout,
    subject=subject,
    fold=fold,
    counters=(
        CounterTable(
            name="checkout_operations",
            keys={"day": "date", "kind": "text", "label": "text", "code": "text"},
            measures=("count",),
            contributions=contributions,
        ),
    ),
)
