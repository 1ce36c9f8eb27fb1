"""What the interface shows of campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.schemas.requests import ChangeType
from offer.catalogue.schemas.fields import as_number


class BudgetView(BaseModel):
    amount: int
    currency: str


class PriceChangeView(BaseModel):
    type: ChangeType
    value: int | float


class CampaignView(BaseModel):
    campaign_id: UUID
    status: Literal["draft", "active", "paused", "ended"]
    running: bool
    exhausted: bool
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    budget: BudgetView | None
    held: BudgetView | None
    used: BudgetView | None
    remaining: BudgetView | None
    change: PriceChangeView | None
    offer_ids: list[UUID]
    promotion_ids: list[UUID]
    version: int


def show_campaign(campaign: Campaign, now: datetime) -> CampaignView:
    change = campaign.details.change
    return CampaignView.model_validate(
        {
            **campaign.details.model_dump(),
            "change": change and {"type": change.type, "value": as_number(change.value)},
            "campaign_id": campaign.id,
            "status": campaign.status,
            "running": campaign.runs_at(now),
            "exhausted": campaign.exhausted,
            **{name: _money(campaign, getattr(campaign, name)) for name in ("held", "used", "remaining")},
            "version": campaign.version,
        }
    )


def _money(campaign: Campaign, amount: int | None) -> dict[str, Any] | None:
    budget = campaign.details.budget
    return None if budget is None else {"amount": amount, "currency": budget.currency}
