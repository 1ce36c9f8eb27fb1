"""What offers, campaigns and referral programs are called now, and a campaign's budget."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import campaign, offer, referral_program
from kernel.ids import NIL_ID
from kernel.projections.folding import RowKey
from kernel.projections.rows import RowModel, RowValues


class Label(BaseModel):
    id: UUID = NIL_ID
    name: str = ""
    currency: str | None = None
    """Of the offer's price, or of the campaign's budget."""
    budget: int | None = None
    """In minor units; None: without limit, or no campaign."""


KnownFact = (
    offer.Created
    | offer.Changed
    | campaign.Created
    | campaign.Changed
    | referral_program.Created
    | referral_program.Changed
)


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Label, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:  # noqa: ARG001
    state.id = fact.originator_id
    state.name = fact.details.name
    match fact:
        case offer.Created(details=details) | offer.Changed(details=details):
            state.currency = details.price.currency
        case campaign.Created(details=details) | campaign.Changed(details=details):
            budget = details.budget
            state.currency, state.budget = (budget.currency, budget.amount) if budget else (None, None)
        case referral_program.Created() | referral_program.Changed():
            pass
        case _:
            assert_never(fact)


def rows(state: Label) -> dict[RowKey, RowValues]:
    return {(state.id,): (state.name, state.currency, state.budget)}


LABELS: RowModel[Label, KnownFact] = RowModel(
    name="labels",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    keys={"id": "uuid"},
    columns={"name": "text", "currency": "text", "budget": "bigint"},
    state=Label,
    subject=subject,
    fold=fold,
    rows=rows,
)
