"""The facts of experiments: variants of an offer, each shown to a share of the sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Fact, Part


class PriceChange(Part):
    """The parts of the offer's price that a variant replaces; minor units of the offer's currency."""

    base: int | None = None
    discount: int | None = None
    discount_starts_at: datetime | None = None
    discount_ends_at: datetime | None = None


class Changes(Part):
    """What a variant replaces; a part left out is the offer's own."""

    price: PriceChange | None = None
    name: str | None = None
    layout: dict[str, Any] | None = None
    configuration: dict[str, Any] | None = None


class Variant(Part):
    variant_id: UUID
    name: str
    weight: int
    changes: Changes = Changes()


class ExperimentDetails(Part):
    name: str
    variants: tuple[Variant, ...]
    """The first is the control."""


class Created(Fact):
    TYPE = "experiment.created"
    offer_id: UUID
    details: ExperimentDetails


class Started(Fact):
    TYPE = "experiment.started"
    offer_id: UUID


class Stopped(Fact):
    """Without a ``winner`` all sessions get the offer itself again."""

    TYPE = "experiment.stopped"
    offer_id: UUID
    winner: UUID | None = None


class Removed(Fact):
    """A draft was deleted."""

    TYPE = "experiment.removed"
    offer_id: UUID


ExperimentFact = Created | Started | Stopped | Removed
