"""What campaigns do to the prices of offers, and the timer of their windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.campaign import Exhausted, Reopened
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.domain.campaign import Campaign
from offer.catalogue.domain.errors import Invalid
from offer.offers.domain.errors import CampaignNotFound
from offer.offers.domain.offer import Offer, RunningCampaigns
from offer.offers.use_cases.price_windows import rounding_mode

CAMPAIGN_WINDOW = "campaign.window"
ACTIVE_KEY = "active_campaign"
"""Kind of the unique key that a campaign has while it is active, so that these are found at once."""


async def active_campaigns(work: UnitOfWork) -> list[Campaign]:
    """Those with the status active, inside and outside their windows."""
    found = await work.open_many(Campaign, (await work.keys_with_prefix(ACTIVE_KEY, "")).values())
    return list(found.values())


class CampaignsOfOffers:
    """Implements ``offer.offers.ports.Campaigns``."""

    async def running_for(self, offer_id: UUID, work: UnitOfWork) -> RunningCampaigns:
        return running(await active_campaigns(work), offer_id, work)

    async def next_change_for(self, offer_id: UUID, work: UnitOfWork) -> datetime | None:
        campaigns = [it for it in await active_campaigns(work) if offer_id in it.details.offer_ids]
        boundaries = (it.next_boundary(work.now) for it in campaigns)
        return min((it for it in boundaries if it is not None), default=None)

    async def add_offer(self, campaign_id: UUID, offer: Offer, work: UnitOfWork) -> None:
        campaign = await work.open(Campaign, campaign_id)
        if not campaign.exists:
            raise CampaignNotFound("There is no such campaign.", campaign_id=str(campaign_id))
        budget = campaign.details.budget
        if budget is not None and budget.currency != offer.details.price.currency:
            raise Invalid(("campaign_id",), f"The budget of the campaign is in {budget.currency}.")
        offer_ids = (*campaign.details.offer_ids, offer.id)
        campaign.change(campaign.details.model_copy(update={"offer_ids": offer_ids}))
        await change_prices(campaign, [offer.id], work)


def running(campaigns: Iterable[Campaign], offer_id: UUID, work: UnitOfWork) -> RunningCampaigns:
    """Those that change the price of the offer now."""
    return [
        (it.id, it.details.change)
        for it in campaigns
        if it.details.change is not None and it.prices(offer_id, work.now)
    ]


async def change_prices(changed: Campaign, offer_ids: Iterable[UUID], work: UnitOfWork) -> None:
    """Note in the offers what the change of a campaign, which may not be stored yet, does to their prices."""
    offers = await work.open_many(Offer, offer_ids)
    campaigns = {it.id: it for it in (*await active_campaigns(work), changed)}
    mode = await rounding_mode(work)
    for offer in offers.values():
        offer.price_changed_by_campaign(running(campaigns.values(), offer.id, work), mode, work.now)


def set_window(campaign: Campaign, work: UnitOfWork) -> None:
    """Set the timer to the next beginning or end of the window, or cancel it."""
    due_at = campaign.next_boundary(work.now)
    if due_at is None:
        work.cancel_timer(CAMPAIGN_WINDOW, campaign.id)
    else:
        work.set_timer(CAMPAIGN_WINDOW, campaign.id, due_at)


async def pass_window(campaign_id: UUID, work: UnitOfWork) -> None:
    """The timer is due: the window has opened or closed, or the budget has been exhausted or reopened."""
    campaign = await work.open(Campaign, campaign_id)
    if campaign.exists:
        await change_prices(campaign, campaign.details.offer_ids, work)
        set_window(campaign, work)


def change_prices_soon(campaigns: Iterable[Campaign], work: UnitOfWork) -> None:
    """Let the timer note in the offers, outside of the checkout's command, that budgets have been exhausted
    or reopened."""
    for campaign in campaigns:
        if any(isinstance(it, Exhausted | Reopened) for it in campaign.pending_events):
            work.set_timer(CAMPAIGN_WINDOW, campaign.id, work.now)
