"""The variants of experiments with their shares of the sessions. The first is the control."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import experiment
from kernel.ids import NIL_ID
from kernel.projections.folding import RowKey
from kernel.projections.rows import RowModel, RowValues


class Variant(BaseModel):
    variant_id: UUID
    name: str
    weight: int


class Experiment(BaseModel):
    experiment_id: UUID = NIL_ID
    offer_id: UUID = NIL_ID
    variants: list[Variant] = []


KnownFact = experiment.Created | experiment.Removed


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Experiment, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:  # noqa: ARG001
    match fact:
        case experiment.Created(details=details):
            state.experiment_id, state.offer_id = fact.originator_id, fact.offer_id
            state.variants = [
                Variant(variant_id=it.variant_id, name=it.name, weight=it.weight) for it in details.variants
            ]
        case experiment.Removed():
            state.variants = []
        case _:
            assert_never(fact)


def rows(state: Experiment) -> dict[RowKey, RowValues]:
    return {
        (state.offer_id, state.experiment_id, position): (it.variant_id, it.name, it.weight)
        for position, it in enumerate(state.variants)
    }


EXPERIMENT_VARIANTS: RowModel[Experiment, KnownFact] = RowModel(
    name="experiment_variants",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    keys={"offer_id": "uuid", "experiment_id": "uuid", "position": "integer"},
    columns={"variant_id": "uuid", "name": "text", "weight": "integer"},
    state=Experiment,
    subject=subject,
    fold=fold,
    rows=rows,
)
