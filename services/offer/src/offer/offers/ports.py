"""What offers need of campaigns, which are a slice above them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.offers.domain.offer import Offer, RunningCampaigns


class Campaigns(Protocol):
    async def running_for(self, offer_id: UUID, work: UnitOfWork) -> RunningCampaigns:
        """The campaigns that run now and change the price of the offer."""

    async def next_change_for(self, offer_id: UUID, work: UnitOfWork) -> datetime | None:
        """When the window of a campaign that changes the price of the offer next begins or ends."""

    async def add_offer(self, campaign_id: UUID, offer: Offer, work: UnitOfWork) -> None:
        """Make a new offer one of the campaign's. Raises ``CampaignNotFound``."""
