"""The routes of campaigns."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from contracts.roles import ADMINS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.domain.errors import CampaignStatusConflict
from offer.campaigns.schemas.requests import CampaignChangeBody, NewCampaign
from offer.campaigns.schemas.views import CampaignView, show_campaign
from offer.campaigns.use_cases import campaigns
from offer.campaigns.use_cases.campaigns import LISTED, ChangeCampaign, find_campaign
from offer.offers.domain.errors import CampaignNotFound, OfferNotFound


async def create_campaign(body: NewCampaign, write: Write) -> Response:
    """Create a campaign as a draft."""
    return await create(write, partial(campaigns.create_campaign, body.details()), show_campaign)


async def list_campaigns(read: Read, paging: Paged) -> Response:
    """List campaigns, the oldest first."""
    return await list_by_key(read, paging, LISTED, owners(Campaign), show_campaign)


async def get_campaign(campaign_id: PathId, read: Read) -> Response:
    """Get a campaign with what is held, used and left of its budget."""
    return await show(read, find_campaign, campaign_id, show_campaign)


async def change_campaign(campaign_id: PathId, body: CampaignChangeBody, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(campaigns.change_campaign, ChangeCampaign(campaign_id, body.fields()))
    return await execute(write, find_campaign, campaign_id, change, show_campaign)


async def activate_campaign(campaign_id: PathId, write: Write) -> Response:
    """Let the campaign run inside its window."""
    activate = partial(campaigns.activate_campaign, campaign_id)
    return await execute(write, find_campaign, campaign_id, activate, show_campaign)


async def pause_campaign(campaign_id: PathId, write: Write) -> Response:
    """Stop the campaign; it can be activated again."""
    pause = partial(campaigns.pause_campaign, campaign_id)
    return await execute(write, find_campaign, campaign_id, pause, show_campaign)


async def end_campaign(campaign_id: PathId, write: Write) -> Response:
    """End the campaign for good."""
    return await execute(
        write, find_campaign, campaign_id, partial(campaigns.end_campaign, campaign_id), show_campaign
    )


ALL = "/v1/campaigns"
BY_ID = f"{ALL}/{{campaign_id}}"
NOT_FOUND = (CampaignNotFound,)
OF_STATUS = (CampaignNotFound, CampaignStatusConflict)
ROUTES = RouteTable(
    "campaigns",
    (
        Route("POST", ALL, create_campaign, ADMINS, CampaignView, (OfferNotFound,), status=201),
        Route("GET", ALL, list_campaigns, SERVICES, Page[CampaignView]),
        Route("GET", BY_ID, get_campaign, SERVICES, CampaignView, NOT_FOUND),
        Route("PATCH", BY_ID, change_campaign, ADMINS, CampaignView, (*OF_STATUS, OfferNotFound)),
        Route("POST", f"{BY_ID}/activate", activate_campaign, ADMINS, CampaignView, OF_STATUS),
        Route("POST", f"{BY_ID}/pause", pause_campaign, ADMINS, CampaignView, OF_STATUS),
        Route("POST", f"{BY_ID}/end", end_campaign, ADMINS, CampaignView, NOT_FOUND),
    ),
)
