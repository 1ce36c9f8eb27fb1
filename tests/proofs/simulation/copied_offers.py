"""Offers and campaigns of the cart's catalogue in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.domain.offers import (
    ACTIVE,
    ARCHIVED,
    DRAFT,
    ENDED,
    PAUSED,
    PUBLISHED,
    KnownCampaign,
    KnownOffer,
)
from contracts import campaign, offer
from contracts.envelope import Fact


@dataclass
class CopiedOffers:
    """Of all tenants."""

    _offers: dict[tuple[str, UUID], KnownOffer] = field(default_factory=dict)
    _campaigns: dict[tuple[str, UUID], KnownCampaign] = field(default_factory=dict)

    def wanted(self, tenant: str, wanted: Wanted) -> dict[UUID, KnownOffer]:
        """Each with the active campaigns that name it."""
        active = sorted(
            (it for (owner, _), it in self._campaigns.items() if owner == tenant and it.status == ACTIVE),
            key=lambda it: it.campaign_id,
        )
        return {
            offer_id: replace(it, campaigns=tuple(one for one in active if offer_id in one.details.offer_ids))
            for (owner, offer_id), it in self._offers.items()
            if owner == tenant and (offer_id in wanted.offers or it.details.slug == wanted.slug)
        }

    def note(self, tenant: str, fact: Fact) -> bool:
        """Returns whether it is a fact of an offer or a campaign."""
        place = tenant, fact.originator_id
        match fact:
            case offer.Created(details=details):
                self._offers[place] = KnownOffer(fact.originator_id, DRAFT, details)
            case offer.Published():
                self._offers[place] = replace(self._offers[place], status=PUBLISHED)
            case offer.Paused():
                self._offers[place] = replace(self._offers[place], status=PAUSED)
            case offer.Archived():
                self._offers[place] = replace(self._offers[place], status=ARCHIVED)
            case offer.PriceChanged(new=price):
                known = self._offers[place]
                details = known.details.model_copy(update={"price": price})
                self._offers[place] = replace(known, details=details)
            case campaign.Created(details=promised):
                self._campaigns[place] = KnownCampaign(fact.originator_id, DRAFT, False, promised)
            case campaign.Started():
                self._campaigns[place] = replace(self._campaigns[place], status=ACTIVE)
            case campaign.Paused():
                self._campaigns[place] = replace(self._campaigns[place], status=PAUSED)
            case campaign.Ended():
                self._campaigns[place] = replace(self._campaigns[place], status=ENDED)
            case campaign.Exhausted() | campaign.Reopened():
                exhausted = isinstance(fact, campaign.Exhausted)
                self._campaigns[place] = replace(self._campaigns[place], exhausted=exhausted)
            case _:
                return False
        return True
