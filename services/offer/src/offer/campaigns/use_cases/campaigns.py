"""What a shop does with its campaigns: create, change, activate, pause and end them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.campaign import CampaignDetails
from kernel import ids
from kernel.command_routes import UniqueKeys
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.domain.campaign import ACTIVE, ENDED, Campaign
from offer.campaigns.use_cases.prices import ACTIVE_KEY, change_prices, set_window
from offer.catalogue.domain.errors import Invalid
from offer.offers.domain.errors import CampaignNotFound, OfferNotFound
from offer.offers.domain.offer import Offer

LISTED = "campaign"
"""Kind of the unique key that every campaign claims with its own id; the list of campaigns reads it."""
PROMOTION = "promotion"
"""Kind of the unique key that every promotion claims with its own id."""
OF_PROMOTION = "campaign_of_promotion"
"""A promotion that a campaign names runs only with it, so it has one campaign."""


async def find_campaign(campaign_id: UUID, work: UnitOfWork) -> Campaign:
    """Raises ``CampaignNotFound``."""
    campaign = await work.open(Campaign, campaign_id)
    if not campaign.exists:
        raise CampaignNotFound("There is no such campaign.", campaign_id=str(campaign_id))
    return campaign


async def create_campaign(details: CampaignDetails, work: UnitOfWork) -> Campaign:
    """A draft. Raises ``Invalid`` and ``OfferNotFound``."""
    campaign = work.create(Campaign, ids.new_id())
    campaign.create(details)
    await _check_offers(campaign, work)
    await _name_promotions(campaign, details.promotion_ids, work)
    work.claim_key(LISTED, str(campaign.id), campaign.id)
    set_window(campaign, work)
    return campaign


@dataclass(frozen=True, slots=True)
class ChangeCampaign:
    campaign_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``CampaignDetails``; a field that is left out keeps its value."""


async def change_campaign(command: ChangeCampaign, work: UnitOfWork) -> Campaign:
    """Raises ``CampaignNotFound``, ``CampaignStatusConflict``, ``Invalid`` and ``OfferNotFound``."""
    campaign = await find_campaign(command.campaign_id, work)
    old = campaign.details
    campaign.change(CampaignDetails.model_validate({**old.model_dump(), **command.fields}))
    new = campaign.details
    await _check_offers(campaign, work)
    for promotion_id in set(old.promotion_ids) - set(new.promotion_ids):
        work.release_key(OF_PROMOTION, str(promotion_id))
    await _name_promotions(campaign, set(new.promotion_ids) - set(old.promotion_ids), work)
    set_window(campaign, work)
    await change_prices(campaign, {*old.offer_ids, *new.offer_ids}, work)
    return campaign


async def activate_campaign(campaign_id: UUID, work: UnitOfWork) -> Campaign:
    """Raises ``CampaignNotFound`` and ``CampaignStatusConflict``."""
    campaign = await find_campaign(campaign_id, work)
    if campaign.status != ACTIVE:
        campaign.start()
        work.claim_key(ACTIVE_KEY, str(campaign.id), campaign.id)
        set_window(campaign, work)
        await change_prices(campaign, campaign.details.offer_ids, work)
    return campaign


async def pause_campaign(campaign_id: UUID, work: UnitOfWork) -> Campaign:
    """Raises ``CampaignNotFound`` and ``CampaignStatusConflict``."""
    campaign = await find_campaign(campaign_id, work)
    was_active = campaign.status == ACTIVE
    campaign.pause()
    if was_active:
        work.release_key(ACTIVE_KEY, str(campaign.id))
        await change_prices(campaign, campaign.details.offer_ids, work)
    return campaign


async def end_campaign(campaign_id: UUID, work: UnitOfWork) -> Campaign:
    """For good; its promotions stay expired until another campaign names them. Raises
    ``CampaignNotFound``."""
    campaign = await find_campaign(campaign_id, work)
    was_active = campaign.status == ACTIVE
    campaign.end()
    set_window(campaign, work)
    if was_active:
        work.release_key(ACTIVE_KEY, str(campaign.id))
        await change_prices(campaign, campaign.details.offer_ids, work)
    return campaign


async def campaigns_of(promotion_ids: Iterable[UUID], work: UnitOfWork) -> dict[UUID, Campaign]:
    """The campaign of each of the promotions that has one."""
    values = [str(it) for it in promotion_ids]
    owners = await work.owners_of_keys(OF_PROMOTION, values) if values else {}
    found = await work.open_many(Campaign, owners.values())
    return {UUID(promotion_id): found[owner] for promotion_id, owner in owners.items()}


def keys_of_campaigns(promotion_ids: Iterable[UUID]) -> UniqueKeys:
    """Those that ``campaigns_of`` asks for."""
    return ((OF_PROMOTION, str(it)) for it in promotion_ids)


async def claim_again(campaign: Campaign, work: UnitOfWork) -> None:
    """Claim the keys and set the timer of a campaign whose facts have been recovered."""
    work.claim_key(LISTED, str(campaign.id), campaign.id)
    if campaign.status == ACTIVE:
        work.claim_key(ACTIVE_KEY, str(campaign.id), campaign.id)
    for promotion_id in campaign.details.promotion_ids:
        await work.try_claim_key(OF_PROMOTION, str(promotion_id), campaign.id)
    set_window(campaign, work)


async def _check_offers(campaign: Campaign, work: UnitOfWork) -> None:
    offers = await work.open_many(Offer, campaign.details.offer_ids)
    budget = campaign.details.budget
    for offer in offers.values():
        if not offer.exists:
            raise OfferNotFound("There is no such offer.", offer_id=str(offer.id))
        if budget is not None and offer.details.price.currency != budget.currency:
            detail = f"The offer {offer.details.slug} is sold in {offer.details.price.currency}."
            raise Invalid(("budget", "currency"), detail)


async def _name_promotions(campaign: Campaign, promotion_ids: Iterable[UUID], work: UnitOfWork) -> None:
    wanted = [str(it) for it in promotion_ids]
    known = await work.owners_of_keys(PROMOTION, wanted)
    taken = await work.owners_of_keys(OF_PROMOTION, wanted)
    others = await work.open_many(Campaign, taken.values())
    for promotion_id in sorted(wanted):
        if promotion_id not in known:
            raise Invalid(("promotion_ids",), f"There is no promotion {promotion_id}.")
        if promotion_id in taken:
            if others[taken[promotion_id]].status != ENDED:
                raise Invalid(("promotion_ids",), f"Another campaign has the promotion {promotion_id}.")
            work.release_key(OF_PROMOTION, promotion_id)
        work.claim_key(OF_PROMOTION, promotion_id, campaign.id)
