"""Offers of the cart's catalogue in memory, with their campaigns, experiments and upsells."""

from __future__ import annotations

from collections.abc import Iterable
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
    KnownUpsell,
)
from contracts import campaign, experiment, offer, upsell
from contracts.envelope import Fact
from pricing.experiments import Assignment


@dataclass
class CopiedOffers:
    """Of all tenants."""

    _offers: dict[tuple[str, UUID], KnownOffer] = field(default_factory=dict)
    _campaigns: dict[tuple[str, UUID], KnownCampaign] = field(default_factory=dict)
    _upsells: dict[tuple[str, UUID], KnownUpsell] = field(default_factory=dict)
    _experiments: dict[tuple[str, UUID], Assignment] = field(default_factory=dict)

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

    def upsells(self, tenant: str, wanted: Wanted, offers: Iterable[UUID]) -> dict[UUID, KnownUpsell]:
        """Those that are wanted, and those of the offers."""
        return {
            upsell_id: it
            for (owner, upsell_id), it in self._upsells.items()
            if owner == tenant and (upsell_id in wanted.upsells or it.offer_id in offers)
        }

    def note(self, tenant: str, fact: Fact) -> bool:
        """Returns whether it is a fact of an offer or of what belongs to it."""
        return self._note_offer(tenant, fact) or self._note_beside(tenant, fact)

    def _note_offer(self, tenant: str, fact: Fact) -> bool:
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
            case _:
                return False
        return True

    def _note_beside(self, tenant: str, fact: Fact) -> bool:
        place = tenant, fact.originator_id
        match fact:
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
            case upsell.Created(offer_id=offer_id, details=proposed):
                self._upsells[place] = KnownUpsell(fact.originator_id, offer_id, proposed)
            case experiment.Created(details=tested):
                self._experiments[place] = Assignment(fact.originator_id, tested.variants, is_running=False)
            case experiment.Started(offer_id=offer_id):
                self._assign(tenant, offer_id, replace(self._experiments[place], is_running=True))
            case experiment.Stopped(offer_id=offer_id, winner=winner):
                self._assign(tenant, offer_id, replace(self._experiments[place], winner=winner))
            case _:
                return False
        return True

    def _assign(self, tenant: str, offer_id: UUID, to: Assignment) -> None:
        """No merchant here has a second experiment."""
        place = tenant, offer_id
        self._offers[place] = replace(self._offers[place], experiment=to)
