"""Request bodies of experiments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.experiment import Changes
from kernel.http.requests import Amount, Body, Id, Instant, ShortText
from offer.experiments.use_cases.experiments import NewVariant
from offer.offers.schemas.fields import Opaque

Weight = Annotated[int, Field(ge=1, le=10_000)]


class VariantPriceBody(Body):
    """What the variant replaces of the price, in minor units of the offer's currency."""

    base: Amount | None = None
    discount: Amount | None = None
    discount_starts_at: Instant | None = None
    discount_ends_at: Instant | None = None


class ChangesBody(Body):
    """What the variant replaces; a part that is left out is the offer's own."""

    price: VariantPriceBody | None = None
    name: ShortText | None = None
    layout: Opaque | None = None
    configuration: Opaque | None = None


class ExperimentVariantBody(Body):
    name: ShortText
    weight: Weight
    changes: ChangesBody = ChangesBody()


class NewExperiment(Body):
    """The first variant is the control, with which the others are compared."""

    name: ShortText
    variants: Annotated[tuple[ExperimentVariantBody, ...], Field(min_length=2, max_length=10)]

    def new_variants(self) -> list[NewVariant]:
        return [
            NewVariant(it.name, it.weight, Changes.model_validate(it.changes.model_dump()))
            for it in self.variants
        ]


class ExperimentEnd(Body):
    winner: Id | None = None
