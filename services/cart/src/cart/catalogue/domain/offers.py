"""Offers of the copy, with what is proposed beside them and what changes their price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.campaign import CampaignDetails
from contracts.funnel import FunnelStep
from contracts.offer import OfferDetails
from contracts.upsell import UpsellDetails
from pricing.codes import canonical
from pricing.experiments import Assignment

DRAFT, PUBLISHED, PAUSED, ARCHIVED = "draft", "published", "paused", "archived"
RUNNING, STOPPED = "running", "stopped"
ACTIVE, ENDED, REMOVED = "active", "ended", "removed"


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """``status``: draft, active, paused or ended."""

    campaign_id: UUID
    status: str
    exhausted: bool
    details: CampaignDetails

    def runs_at(self, now: datetime) -> bool:
        starts_at, ends_at = self.details.starts_at, self.details.ends_at
        return (
            self.status == ACTIVE
            and not self.exhausted
            and (starts_at is None or starts_at <= now)
            and (ends_at is None or now < ends_at)
        )


@dataclass(frozen=True, slots=True)
class KnownOffer:
    """``experiment``: the one that runs, or the last that was stopped. ``campaigns``: the active ones that
    name the offer, in the order of their ids; each has its window."""

    offer_id: UUID
    status: str
    details: OfferDetails
    experiment: Assignment | None = None
    campaigns: tuple[KnownCampaign, ...] = ()

    @property
    def is_published(self) -> bool:
        return self.status == PUBLISHED

    @property
    def product_ids(self) -> tuple[UUID, ...]:
        return tuple(it.product_id for it in self.details.products)

    @property
    def promotion_keys(self) -> tuple[str, ...]:
        """The canonical codes of its automatic promotions."""
        keys = (canonical(it) for it in self.details.automatic_promotions)
        return tuple(key for key in keys if key is not None)


@dataclass(frozen=True, slots=True)
class KnownUpsell:
    """``status``: active or removed; a removed one is found by its id alone."""

    upsell_id: UUID
    offer_id: UUID
    details: UpsellDetails
    status: str = ACTIVE


@dataclass(frozen=True, slots=True)
class KnownStep:
    """A step of an offer's funnel."""

    step_id: UUID
    details: FunnelStep

    @property
    def turn(self) -> tuple[int, str]:
        return self.details.position, str(self.step_id)
