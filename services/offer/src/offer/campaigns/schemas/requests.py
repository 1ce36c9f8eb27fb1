"""Request bodies of campaigns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from contracts.campaign import CampaignDetails
from kernel.http.requests import Amount, Body, Currency, Id, Instant, Trimmed, no_address
from offer.catalogue.schemas.fields import Number

Name = Annotated[str, Trimmed(200), AfterValidator(no_address)]
ChangeType = Literal["percentage", "fixed_amount", "set_price"]


def _are_different(ids: tuple[Any, ...]) -> tuple[Any, ...]:
    if len({*ids}) < len(ids):
        raise ValueError("An id occurs twice.")
    return ids


OfferIds = Annotated[tuple[Id, ...], Field(max_length=500), AfterValidator(_are_different)]
PromotionIds = Annotated[tuple[Id, ...], Field(max_length=50), AfterValidator(_are_different)]


class BudgetBody(Body):
    amount: Amount
    currency: Currency


class PriceChangeBody(Body):
    """How the base price of each offer changes: by a percentage, by minor units, or to an amount."""

    type: ChangeType
    value: Number


class CampaignChangeBody(Body):
    """A field that is left out keeps its value; null removes an optional value."""

    name: Name = Field(default_factory=str)
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    budget: BudgetBody | None = None
    change: PriceChangeBody | None = None
    offer_ids: OfferIds = ()
    promotion_ids: PromotionIds = ()

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class NewCampaign(CampaignChangeBody):
    name: Name

    def details(self) -> CampaignDetails:
        return CampaignDetails.model_validate(self.model_dump())
