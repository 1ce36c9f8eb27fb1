"""Checkout operations: what is under way, what is stuck, what failed and where, and how long it takes.

Everything counts on the day the checkout was begun. How long it took is the machinery's own time, from
recording to recording, whatever date the facts bear; only checkouts that were completed have a duration.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import checkout
from projections.read_models.model import Measures, ReadModel, RowDeltas, RowKey, day_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Checkout(BaseModel):
    begun: date | None = None
    begun_ms: int = 0
    """When it was recorded, in milliseconds since 1970."""
    stuck: list[str] = []
    """The steps that an operator must see to. One that goes on by itself is not told; its checkout then ends,
    waits for its customer or gives up."""
    ended: bool = False
    duration_ms: int | None = None
    failure: tuple[str, str] | None = None
    """Phase and code."""
    compensated: dict[str, int] = {}


KnownFact = (
    checkout.Started
    | checkout.ActionRequired
    | checkout.CompensationStarted
    | checkout.StepCompensated
    | checkout.OperatorNeeded
    | checkout.Completed
    | checkout.Failed
)


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Checkout, fact: KnownFact, at: datetime) -> None:
    match fact:
        case checkout.Started():
            state.begun, state.begun_ms = day_of(at), _milliseconds(fact.timestamp)
        case checkout.ActionRequired() | checkout.CompensationStarted():
            state.stuck = []
        case checkout.StepCompensated(step=step):
            state.stuck = [it for it in state.stuck if it != step]
            state.compensated[step] = state.compensated.get(step, 0) + 1
        case checkout.OperatorNeeded(step=step):
            state.stuck = sorted({*state.stuck, step})
        case checkout.Completed():
            state.ended = True
            state.duration_ms = max(0, _milliseconds(fact.timestamp) - state.begun_ms)
        case checkout.Failed(phase=phase, code=code):
            state.ended, state.failure = True, (phase, code)
        case _:
            assert_never(fact)


def contributions(state: Checkout) -> RowDeltas:
    if state.begun is None:
        return {}
    found: Counter[RowKey] = Counter()
    if state.failure:
        found[state.begun, "failure", *state.failure] += 1
    if state.duration_ms is not None:
        found[state.begun, "duration", str(state.duration_ms), ""] += 1
    for step, count in state.compensated.items():
        found[state.begun, "compensation", step, ""] += count
    figures: dict[RowKey, Measures] = {cell: (count,) for cell, count in found.items()}
    return figures


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


CHECKOUT_OPERATIONS: ReadModel[Checkout, KnownFact] = ReadModel(
    name="checkout_operations",
    version=2,
    facts=get_args(KnownFact),
    keys={"day": "date", "kind": "text", "label": "text", "code": "text"},
    measures=("count",),
    state=Checkout,
    subject=subject,
    fold=fold,
    contributions=contributions,
)

COUNTS = f"""
    SELECT kind, label, code, sum(count)::bigint AS count FROM {CHECKOUT_OPERATIONS.table}
    WHERE tenant = $1 AND day >= $2 AND day < $3
    GROUP BY kind, label, code HAVING sum(count) <> 0 ORDER BY count DESC, kind, label, code
"""  # noqa: S608  # the table's name is ours
OPEN = f"""
    WITH open AS (
        SELECT (state->>'begun_ms')::bigint / 1000.0 AS begun,
               state->'stuck' <> '[]' AS needs_operator,
               extract(epoch FROM feira_now()) AS now
        FROM {CHECKOUT_OPERATIONS.subjects}
        WHERE tenant = $1 AND state->>'ended' = 'false' AND state->>'begun' >= $2 AND state->>'begun' < $3
    )
    SELECT count(*) AS in_flight, count(*) FILTER (WHERE needs_operator OR begun < now - $4) AS stuck,
           greatest(0, floor(max(now - begun)))::bigint AS oldest_open_seconds
    FROM open
"""  # noqa: S608  # the table's name is ours
