"""What campaigns cost, by day, in the currency of their budget: used by sales, and given back by those that
were compensated, on the day of that."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import campaign
from kernel.ids import NIL_ID
from kernel.projections.counters import CounterModel, CounterTable, RowDeltas
from projections.models.dated import dated


class Costs(BaseModel):
    """A campaign's, by the day of the sale and the day on which it was recorded."""

    campaign_id: UUID = NIL_ID
    currency: str = ""
    used: dict[date, dict[date, int]] = {}

    def add(self, amount: int, occurred_at: datetime, recorded_at: datetime) -> None:
        when = dated(occurred_at, recorded_at)
        by_known = self.used.setdefault(when.day, {})
        by_known[when.known] = by_known.get(when.known, 0) + amount


KnownFact = campaign.Created | campaign.Changed | campaign.BudgetUsed | campaign.BudgetReleased


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Costs, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    state.campaign_id = fact.originator_id
    match fact:
        case campaign.Created(details=details) | campaign.Changed(details=details):
            if details.budget is not None:
                state.currency = details.budget.currency
        case campaign.BudgetUsed(amount=amount):
            state.add(amount, occurred_at, recorded_at)
        case campaign.BudgetReleased(amount=amount, was_used=was_used):
            if was_used:
                state.add(-amount, occurred_at, recorded_at)
        case _:
            assert_never(fact)


def contributions(state: Costs) -> RowDeltas:
    return {
        (state.campaign_id, state.currency, day, known): (amount,)
        for day, by_known in state.used.items()
        for known, amount in by_known.items()
    }


CAMPAIGN_COSTS: CounterModel[Costs, KnownFact] = CounterModel(
    name="campaign_costs",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    state=Costs,
    subject=subject,
    fold=fold,
    counters=(
        CounterTable(
            name="campaign_costs",
            keys={"campaign_id": "uuid", "currency": "text", "day": "date", "known": "date"},
            measures=("used",),
            contributions=contributions,
        ),
    ),
)
