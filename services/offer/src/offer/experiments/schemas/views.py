"""What the interface shows of experiments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from offer.experiments.domain.experiment import Experiment
from pricing.significance import METHOD, Comparison, Count, compare


class VariantPriceView(BaseModel):
    base: int | None
    discount: int | None
    discount_starts_at: datetime | None
    discount_ends_at: datetime | None


class ChangesView(BaseModel):
    price: VariantPriceView | None
    name: str | None
    layout: dict[str, Any] | None
    configuration: dict[str, Any] | None


class ExperimentVariantView(BaseModel):
    """The numbers are up to a second old."""

    variant_id: UUID
    name: str
    weight: int
    changes: ChangesView
    exposures: int
    conversions: int
    rate: float | None
    z: float | None
    p_value: float | None
    significant: bool | None


class ExperimentView(BaseModel):
    experiment_id: UUID
    offer_id: UUID
    status: Literal["draft", "running", "stopped"]
    name: str
    variants: list[ExperimentVariantView]
    winner: UUID | None
    method: Literal["two_proportion_z_pooled"]
    version: int


Counts = Mapping[UUID, Count]
"""By variant."""


def show_experiment(experiment: Experiment, counts: Counts) -> ExperimentView:
    control = counts.get(experiment.details.variants[0].variant_id, Count())
    comparisons = len(experiment.details.variants) - 1
    return ExperimentView.model_validate(
        {
            "experiment_id": experiment.id,
            "offer_id": experiment.offer_id,
            "status": experiment.status,
            "name": experiment.details.name,
            "variants": [
                {
                    **it.model_dump(),
                    **_numbers(
                        counts.get(it.variant_id, Count()),
                        compare(control, counts.get(it.variant_id, Count()), comparisons) if index else None,
                    ),
                }
                for index, it in enumerate(experiment.details.variants)
            ],
            "winner": experiment.winner,
            "method": METHOD,
            "version": experiment.version,
        }
    )


def _numbers(count: Count, compared: Comparison | None) -> dict[str, Any]:
    return {
        "exposures": count.exposures,
        "conversions": count.conversions,
        "rate": count.rate,
        "z": compared.z if compared else None,
        "p_value": compared.p_value if compared else None,
        "significant": compared.significant if compared else None,
    }
